"""``python -m weights``: show, verify, import and choose the VGG19 feature weights."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from weights import Source, WeightsCorrupt, WeightsMissing, WeightsRefused, find, packaged, store
from weights import verify as verified

SOUND, UNSOUND, REFUSED = 0, 1, 2

_HELP = f"""\
Imported weights are kept in weights/imported, or in the folder that the environment variable
{store.VARIABLE} names, and preferred to the packaged ones until `use packaged` or `forget`.
exit codes: 0 done, 1 the weights in use are missing or damaged, 2 refused; one line says why."""


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code; by default show and verify the weights in use."""
    arguments = _parser().parse_args(argv)
    try:
        if arguments.command == "import":
            return _import(arguments.file, arguments.torchvision)
        if arguments.command == "use":
            store.use(arguments.which)
        elif arguments.command == "forget":
            print("forgotten" if store.forget() else "nothing was imported")
        return _show(find())
    except (WeightsMissing, WeightsCorrupt) as error:
        return _fail(str(error), UNSOUND)
    except WeightsRefused as error:
        return _fail(str(error), REFUSED)
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}", REFUSED)
    except KeyboardInterrupt:
        return _fail("stopped", 130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m weights",
        description="Show and verify the VGG19 feature weights in use, import others, choose.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    add = commands.add_parser("import", help="take the weights of a file, and use them")
    what = add.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        nargs="?",
        help="Gatys' vgg_conv.pth, torchvision's vgg19-*.pth, or a VGG19 .h5 of Keras",
    )
    what.add_argument(
        "--torchvision", action="store_true", help="ask torchvision, which downloads 548 MB"
    )
    choose = commands.add_parser("use", help="choose between imported and packaged weights")
    choose.add_argument("which", choices=("packaged", "imported"))
    commands.add_parser("forget", help="remove imported weights")
    return parser


def _import(file: Path | None, torchvision: bool) -> int:
    # These load torch, so they are imported only when needed.
    from weights.hub import fetch
    from weights.importing import import_file

    if torchvision:
        file = fetch()
    assert file is not None
    try:
        source = import_file(file)
    except WeightsRefused as error:
        raise WeightsRefused(f"{file}: {error}") from error
    return _show(source)


def _show(source: Source) -> int:
    digest = verified(source)
    if source.kind == "packaged":
        precision, wants, origin = "8 bits per weight", "103.939, 116.779, 123.68", None
    else:
        about = store.metadata(source.path)
        precision = "32 bits per weight"
        wants = ", ".join(f"{m:g}" for m in json.loads(about["mean"]))
        origin = (
            f"{about['source']} ({about['source_family']}; {about['source_convention']}), "
            f"sha256 {about['source_sha256']}"
        )
    print(f"VGG19 conv1_1 … conv5_1, {source.kind}, {source.size / 1e6:.1f} MB, {precision}")
    print(f"file    {source.path}")
    print(f"sha256  {digest} (verified)")
    print(f"input   BGR, 0..255, minus {wants}")
    if origin:
        print(f"from    {origin}")
    if source.kind == "packaged" and store.read():
        print("others  imported ones are kept: python -m weights use imported")
    elif source.kind == "imported" and _has_packaged():
        print("others  packaged ones: python -m weights use packaged, or forget")
    return SOUND


def _has_packaged() -> bool:
    try:
        packaged()
    except WeightsMissing:
        return False
    return True


def _fail(reason: str, code: int) -> int:
    print(f"weights: {' '.join(reason.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
