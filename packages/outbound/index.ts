export { type Answer, type Asked, ask, NoAnswer } from './ask.ts';
export { isLoopback } from './loopback.ts';
