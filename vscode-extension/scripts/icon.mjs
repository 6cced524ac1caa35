// Draws media/icon.png: a text cursor that leans towards a spark. Run again after changing it; the picture is kept in git.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

const SIZE = 256, SAMPLES = 4;
const NIGHT = [30, 27, 58], DUSK = [88, 57, 140], PAPER = [246, 243, 255], SPARK = [255, 196, 87];

/** Distance from a point to the line between two others. */
function distance(x, y, x1, y1, x2, y2) {
  const dx = x2 - x1, dy = y2 - y1;
  const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

const inTile = (x, y) => {
  const radius = 52, cx = Math.max(radius, Math.min(SIZE - radius, x)), cy = Math.max(radius, Math.min(SIZE - radius, y));
  return Math.hypot(x - cx, y - cy) <= radius;
};
const inCursor = (x, y) => distance(x, y, 84, 204, 126, 76) <= 12 || distance(x, y, 50, 204, 116, 204) <= 12;
/** A star with four concave rays: |x|^p + |y|^p with p below 1. */
const inSpark = (x, y, cx, cy, r) => (Math.abs(x - cx) / r) ** 0.55 + (Math.abs(y - cy) / r) ** 0.55 <= 1;

function colour(x, y) {
  if (!inTile(x, y)) return null;
  if (inSpark(x, y, 190, 88, 50) || inSpark(x, y, 178, 168, 26)) return SPARK;
  if (inCursor(x, y)) return PAPER;
  const slope = (x + y) / (2 * SIZE);
  return NIGHT.map((from, i) => from + (DUSK[i] - from) * slope);
}

function pixel(px, py) {
  const sum = [0, 0, 0], n = SAMPLES * SAMPLES;
  let covered = 0;
  for (let i = 0; i < n; i += 1) {
    const found = colour(px + ((i % SAMPLES) + 0.5) / SAMPLES, py + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES);
    if (!found) continue;
    covered += 1;
    found.forEach((value, channel) => { sum[channel] += value; });
  }
  return covered ? [...sum.map(value => Math.round(value / covered)), Math.round((255 * covered) / n)] : [0, 0, 0, 0];
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]), length = Buffer.alloc(4), check = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([length, body, check]);
}

const header = Buffer.alloc(13);
header.writeUInt32BE(SIZE, 0);
header.writeUInt32BE(SIZE, 4);
header.set([8, 6, 0, 0, 0], 8); // 8 bits, RGBA
const rows = Array.from({ length: SIZE }, (_, y) => [0, ...Array.from({ length: SIZE }, (__, x) => pixel(x, y)).flat()]);
const image = zlib.deflateSync(Buffer.from(rows.flat()), { level: 9 });
const out = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'media/icon.png');
fs.writeFileSync(out, Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  chunk('IHDR', header), chunk('IDAT', image), chunk('IEND', Buffer.alloc(0))]));
