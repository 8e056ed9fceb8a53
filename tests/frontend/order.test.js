// In which order frames are played and asked for, and what has no twin of its own.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CineOrder } from "../../dicom_widgets/widgets/frontend/core/cine_order.js";
import { crc32 } from "../../dicom_widgets/widgets/frontend/core/crc32.js";
import { along, stackAt } from "../../dicom_widgets/widgets/frontend/core/dimensions.js";
import { KINDS, figuresOf, outlineOf } from "../../dicom_widgets/widgets/frontend/core/measurements/kinds.js";
import { framesNear } from "../../dicom_widgets/widgets/frontend/runtime/frame_order.js";
import { bytes, cases } from "./fixtures.js";

/** The frames that are played, from where an order stands. */
function played(order, count) {
  return Array.from({ length: count }, () => {
    order.next();
    return order.frame;
  });
}

test("a loop begins again, a sweep turns at its ends", () => {
  const frames = [4, 5, 6];
  const delays = [40, 50, 60];
  assert.deepEqual(played(new CineOrder({ frames, delays, sweep: false }, 9, 5), 5), [6, 4, 5, 6, 4]);
  assert.deepEqual(played(new CineOrder({ frames, delays, sweep: true }, 9, 5), 6), [6, 5, 4, 5, 6, 5]);
  assert.deepEqual(played(new CineOrder(null, 3, 2), 4), [0, 1, 2, 0]);
});

test("each frame has its own delay, unless a rate is given", () => {
  const order = new CineOrder({ frames: [0, 1], delays: [40, 90], sweep: false }, 2, 1);
  assert.equal(order.delay(null), 90);
  assert.equal(order.delay(20), 50);
});

test("frames are asked for from what is shown, first where the hand goes", () => {
  const frames = Array.from({ length: 7 }, (_, i) => `f${i}`);
  const view = { sid: "s", frames, sizes: frames.map(() => 10), index: 3, way: 1 };
  const { list, shown } = framesNear([view], 2, "u");
  assert.deepEqual([...list.keys()], ["s.f3", "s.f4", "s.f5", "s.f2", "s.f1"]);
  assert.deepEqual(list.get("s.f4"), ["u.f4", 10]);
  assert.equal(shown, 1);
  const back = framesNear([{ ...view, way: -1 }], 2, "u");
  assert.deepEqual([...back.list.keys()], ["s.f3", "s.f2", "s.f1", "s.f4", "s.f5"]);
});

test("one axis of a stack moves, the others stay as near as a grid with gaps has it", () => {
  const axes = [
    { name: "time", values: [0, 1, 0, 1, 0], labels: [] },
    { name: "slice", values: [0, 0, 1, 1, 2], labels: [] },
  ];
  const stack = stackAt([{ from: 10, axes }], 14);
  assert.equal(stackAt([{ from: 10, axes }], 9), null);
  assert.equal(along(stack, 14, 0, 1), 13);
  assert.equal(along(stack, 10, 1, 1), 12);
});

test("checksums are those of zlib", () => {
  for (const { data, crc } of cases("checksums")) assert.equal(crc32(bytes(data)), crc);
});

test("a kind of measurement with dents is one row", () => {
  const spans = (row) =>
    row < 2
      ? [[0, 3]]
      : [
          [0, 0],
          [3, 3],
        ];
  KINDS.arch = {
    points: 3,
    more: true,
    valued: true,
    outline: (points) => [[...points, points[0]]],
    figures: (points, measured) =>
      measured.region({ box: { left: 0, right: 3, top: 0, bottom: 3 }, area: points.length, spans }),
  };
  const points = [
    [1, 1],
    [2, 2],
    [3, 1],
  ];
  const spacing = { down: 1, across: 1, unit: "px", label: "", source: "" };
  const meaning = { regions: [], real: [], modality: { slope: 1, intercept: 0 }, padding: null, suv: null, unit: "HU" };
  const grid = { rows: 4, columns: 4, base: 0, strideX: 1, strideY: 4, format: "int16", tables: {}, preview: 0 };
  const values = Int16Array.from({ length: 16 }, (_, i) => i);
  const { quantities } = figuresOf({ kind: "arch", points }, { ...grid, spacing, meaning }, values);
  const inside = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15];
  assert.deepEqual(quantities[0], ["mean", inside.reduce((a, b) => a + b) / inside.length, "HU"]);
  assert.deepEqual(quantities.at(-1), ["count", inside.length, "px"]);
  assert.equal(outlineOf({ kind: "arch", points })[0].length, 4);
  delete KINDS.arch;
});
