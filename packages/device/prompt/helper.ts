/*
 * What `pam_exec` starts for a sign-in where there is no module of ours: the password comes on the standard input, ended
 * by a NUL, the rest in the environment. It shows what the agent says, asks nothing, and ends with 0 to let in.
 */
import { readSync } from 'node:fs';
import { callAt } from './client.ts';

const SOCKET = '/run/halligan-device/prompt.sock';
const LONGEST = 4096;

const { PAM_USER = '', PAM_SERVICE = '', PAM_RHOST = '', PAM_TTY = '', PAM_TYPE } = process.env;
const password = passwordFrom(0);
const say = (text: string) => void process.stdout.write(`${text}\n`);
const verdict =
  PAM_TYPE === 'auth'
    ? await callAt(
        SOCKET,
        { name: PAM_USER, service: PAM_SERVICE, host: PAM_RHOST, terminal: PAM_TTY },
        password,
        { say },
      )
    : undefined;
password.fill(0);
if (verdict === undefined)
  say('Offline sign-in is not running here: only accounts of this machine itself can sign in.');
if (verdict?.let === 'out') say(verdict.said);
process.exitCode = verdict?.let === 'in' ? 0 : 1;

function passwordFrom(file: number): Uint8Array {
  const bytes = new Uint8Array(LONGEST + 1);
  let size = 0;
  while (size < bytes.length) {
    const got = readSync(file, bytes, size, bytes.length - size, null);
    if (got === 0) break;
    size += got;
  }
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end === -1 ? size : Math.min(end, size));
}
