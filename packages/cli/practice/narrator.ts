/** Tells a drill in the terminal, one line a step, with the time that has passed. */
export class Narrator {
  readonly #start = performance.now();
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  chapter(title: string): void {
    this.#write(`\n  ${title}`);
  }

  step(who: string, what: string): void {
    this.#write(`  ${this.#elapsed()}  ✓ ${who}: ${what}`);
  }

  refused(who: string, what: string): void {
    this.#write(`  ${this.#elapsed()}  ✗ ${who} ${what} — refused, as it must be`);
  }

  line(text: string): void {
    this.#write(text);
  }

  #elapsed(): string {
    return `${((performance.now() - this.#start) / 1000).toFixed(1).padStart(5)} s`;
  }
}
