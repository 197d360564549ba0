"""A painter that only copies the photo, for trials of everything around the engine.

With this folder in PYTHONPATH, `python -m nst.child` becomes a process that takes the same order,
sends the same messages at the same pace, reads pictures by the same code, dies with its parent and
can be killed like the real one, without torch. It takes QUICK_SECONDS (two by default) whatever
else the machine does, and then for as long as there is a file `wait` in the folder PAINTERS: so a
trial catches it at work however busy the machine is. In that folder it leaves a file of its own,
so that a trial can count how often was painted. Trials say which painter they used.
"""

import os
import sys

if any(name == "nst.child" for name in sys.orig_argv):
    import ctypes
    import dataclasses
    import signal
    import time
    from pathlib import Path

    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from nst import messages
    from nst.images import BadPicture, PictureTooLarge, fit, load, save_jpeg, save_png
    from nst.progress import Losses, Progress

    def say(message: messages.Message) -> None:
        """Send one message."""
        sys.stdout.write(messages.encode(message))
        sys.stdout.flush()

    def paint() -> messages.Message:
        """Take seconds for what the engine takes minutes for."""
        order = messages.decode_order(sys.stdin.readline())
        for which, path in (("content", order.content), ("style", order.styles[0])):
            try:
                image = load(Path(path), order.settings.size)
            except (BadPicture, PictureTooLarge) as error:
                return messages.Failed(messages.FailureKind.BAD_PICTURE, str(error), which)
            if which == "content":
                photo = fit(image, order.settings.size)
        say(messages.Planned(photo.width, photo.height, 20, "none", 1.0))
        seconds = float(os.environ.get("QUICK_SECONDS", "2"))
        painters = Path(os.environ["PAINTERS"])
        (painters / f"began-{os.getpid()}").touch()
        for n in range(1, 21):
            time.sleep(seconds / 20)
            left = seconds * (20 - n) / 20
            done = Progress(
                stage=1,
                stages=1,
                size=order.settings.size,
                evaluation=n,
                evaluations=20,
                fraction=n / 20,
                seconds=seconds * n / 20,
                seconds_left=left,
                losses=Losses(content=1.0, style=1.0),
            )
            if n == 20:
                while (painters / "wait").exists():
                    say(messages.Evaluated(dataclasses.replace(done, evaluation=19, fraction=0.95)))
                    time.sleep(0.1)
            say(messages.Evaluated(done))
        folder = Path(order.out_dir)
        save_png(photo, folder / "result.png", "{}")
        save_jpeg(photo, folder / "result.jpg")
        (folder / "losses.csv").write_text("stage\n")
        return messages.Finished(
            photo=str(folder / "result.jpg"),
            picture=str(folder / "result.png"),
            losses=str(folder / "losses.csv"),
            width=photo.width,
            height=photo.height,
            seconds=seconds,
            peak_mb=1.0,
        )

    say(paint())
    os._exit(0)
