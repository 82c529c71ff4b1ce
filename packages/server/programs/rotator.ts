/** Starts the rotator: see `rotator/rotator.ts`. */
import './read-once.ts';

// Its schemas are made after that, whichever file of a bundle they are in.
await import('./rotator/rotator.ts');
