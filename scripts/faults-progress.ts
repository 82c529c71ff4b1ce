/** On a terminal one line that changes; in a log those that fit. */
export function progress(logged: RegExp): (line: string) => void {
  if (process.stdout.isTTY) return (line) => process.stdout.write(`\r\x1b[K${line}`);
  return (line) => {
    if (logged.test(line)) console.log(line);
  };
}
