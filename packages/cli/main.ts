import { run } from './program.ts';
import { processTerminal } from './terminal.ts';

const argv = process.argv.slice(2);
const passphraseFile = argv[argv.indexOf('--passphrase-file') + 1];
const terminal = processTerminal({
  json: argv.includes('--json'),
  input: !argv.includes('--no-input'),
  ...(argv.includes('--passphrase-file') && passphraseFile !== undefined ? { passphraseFile } : {}),
});
process.exitCode = await run(argv, terminal, process.env);
