// Where labels and reference lines lie, true sizes: as the kernel has them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { planeAt } from "../../dicom_widgets/widgets/frontend/core/geometry/planes.js";
import { referenceLine } from "../../dicom_widgets/widgets/frontend/core/geometry/reference_lines.js";
import { labelLink, placeLabel } from "../../dicom_widgets/widgets/frontend/core/label_placement.js";
import { trueSize } from "../../dicom_widgets/widgets/frontend/core/true_size.js";
import { cases } from "./fixtures.js";

test("words lie beside their figure", () => {
  for (const { points, size, room, taken, gap, at, link } of cases("labels")) {
    const [x, y] = placeLabel(points, size, room, taken, gap);
    assert.deepEqual([x, y], at);
    assert.deepEqual(labelLink(points, { x, y, wide: size[0], high: size[1] }, gap), link);
  }
});

test("reference lines, to a millionth of a pixel", () => {
  for (const { positions, line } of cases("reference_lines")) {
    const [here, there] = [planeAt(positions, 0), planeAt(positions, 1)];
    const found = referenceLine(here, there);
    assert.equal(found === null, line === null, JSON.stringify(positions));
    found?.flat().forEach((c, i) => assert.ok(Math.abs(c - line.flat()[i]) < 1e-6 * Math.max(1, Math.abs(c))));
  }
});

test("true sizes, and why there is none", () => {
  for (const { home, spacing, aspect, pitch, found } of cases("true_size")) {
    assert.deepEqual(trueSize({ home, spacing, aspect }, pitch), found);
  }
});
