// The order and the pace in which frames are played (requirements CI1 to CI3).

/** Walks a schedule: over and over, or to and fro where it sweeps. */
export class CineOrder {
  /**
   * @param {Cine | null} cine
   * @param {number} count frames of the series, which are played one after the other without a schedule
   * @param {number} index the frame that is shown
   */
  constructor(cine, count, index) {
    this.frames = cine && cine.frames.length > 1 ? cine.frames : Array.from({ length: count }, (_, i) => i);
    this.delays = cine?.delays ?? [100];
    this.sweep = !!cine?.sweep;
    this.at = Math.max(0, this.frames.indexOf(index));
    this.way = 1;
  }

  /** The frame that is due. */
  get frame() {
    return this.frames[this.at];
  }

  /**
   * @param {number | null} rate frames a second, in the place of the schedule's own delays; ms for the present frame
   */
  delay(rate) {
    return rate ? 1000 / rate : this.delays[this.at % this.delays.length];
  }

  /** Goes on to the next frame. */
  next() {
    const { length } = this.frames;
    if (!this.sweep) this.at = (this.at + 1) % length;
    else {
      if (this.at + this.way < 0 || this.at + this.way >= length) this.way = -this.way;
      this.at += this.way;
    }
  }
}
