// What a messenger's app does to a photo before it goes out.

const LONGEST = 1280;
const QUALITY = 0.87;

/** Whether the browser can show this file as a picture. */
export async function readable(file) {
  if (!file.type.startsWith("image/") || file.type === "image/svg+xml") return false;
  try {
    const picture = await createImageBitmap(file);
    const fine = Math.max(picture.width, picture.height) <= 20 * Math.min(picture.width, picture.height);
    picture.close();
    return fine;
  } catch { return false; }
}

/** The photo as JPEG, upright, long side at most 1280, on white where it was transparent. */
export async function asPhoto(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise(resolve => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
  if (!blob) throw new Error("IMAGE_PROCESS_FAILED");
  return { blob, name: "photo.jpg" };
}
