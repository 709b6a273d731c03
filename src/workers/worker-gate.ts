import type { Gate } from '../decision/gate.js';

/** A gate that is closed at first, and opened and closed as the main process says. */
export class WorkerGate implements Pick<Gate, 'closed'> {
  closed: Promise<void> | undefined;
  #opened: () => void = () => undefined;

  constructor() {
    this.close();
  }

  close(): void {
    this.closed ??= new Promise((resolve) => {
      this.#opened = resolve;
    });
  }

  open(): void {
    this.closed = undefined;
    this.#opened();
  }
}
