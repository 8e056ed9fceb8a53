// Measurements and the probe: what the kernel says, to nine digits.
import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOf } from "../../dicom_widgets/widgets/frontend/core/measurements/figures.js";
import { figuresOf, outlineOf } from "../../dicom_widgets/widgets/frontend/core/measurements/kinds.js";
import { digits, fourDigits } from "../../dicom_widgets/widgets/frontend/core/numbers.js";
import { probeText } from "../../dicom_widgets/widgets/frontend/core/values/probe.js";
import { cases, pictureOf } from "./fixtures.js";

/** Whether two numbers are equal to nine digits. */
const isClose = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-9);

for (const { name, message, measurements, probes } of cases("figures")) {
  test(`figures on ${name}`, () => {
    const { picture, values } = pictureOf(message);
    for (const { mark, figures, lines, outline } of measurements) {
      const found = figuresOf(mark, picture, values);
      const said = JSON.stringify(mark);
      const plain = ({ quantities, ...rest }) => ({ ...rest, names: quantities.map(([n, , unit]) => [n, unit]) });
      assert.deepEqual(plain(found), plain(figures), said);
      found.quantities.forEach(([, value], i) => assert.ok(isClose(value, figures.quantities[i][1]), said));
      assert.deepEqual(linesOf(figures), lines, said);
      const points = outlineOf(mark).flat(2);
      assert.equal(points.length, outline.flat().length);
      points.forEach((c, i) => assert.ok(isClose(c, outline.flat()[i]), said));
    }
    for (const { at, words } of probes) assert.equal(probeText(picture, at, values), words);
  });
}

test("numbers are written as Python writes them", () => {
  for (const { x, n, words, four } of cases("numbers")) {
    assert.equal(digits(x, n), words);
    assert.equal(fourDigits(x), four);
  }
});
