/**
 * Preloaded into a program of the tests, `--import`: its wall clock is wrong by `HALLIGAN_TEST_SHIFT` milliseconds, as that of
 * a machine that somebody set.
 */
const shift = Number(process.env.HALLIGAN_TEST_SHIFT ?? 0);
const right = Date.now.bind(Date);

globalThis.Date = new Proxy(Date, {
  construct: (date, given) =>
    Reflect.construct(date, given.length === 0 ? [right() + shift] : given),
  get: (date, name) => (name === 'now' ? () => right() + shift : Reflect.get(date, name)),
});
