import type { Observed, Observer } from '../decision/decision-point.js';
import { observedReport, type ObservedReport } from './observed-report.js';

/** Tells of decisions that are on record, those of a turn of the event loop together, while somebody wants to know. */
export class Observing implements Observer {
  active = false;
  readonly #tell: (observed: readonly ObservedReport[]) => void;
  #waiting: Observed[] = [];

  constructor(tell: (observed: readonly ObservedReport[]) => void) {
    this.#tell = tell;
  }

  readonly observe = (observed: Observed): void => {
    this.#waiting.push(observed);
    if (this.#waiting.length > 1) return;
    setImmediate(() => {
      const told = this.#waiting;
      this.#waiting = [];
      this.#tell(told.map(observedReport));
    });
  };
}
