import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Behaviour, endlessly, reset } from './peer.ts';

/** A word of the peer's own: it must turn up in nothing that a person or a log is told. */
export const ITS_WORD = 'xyzzy-said-the-peer';

/** Milliseconds between two bytes of a peer that drips. */
const DRIP = 20;

/** What any peer may do, whatever it should speak. */
export const ANY: Readonly<Record<string, Behaviour>> = {
  'accepts and says nothing': () => undefined,
  'hangs up at once': (socket) => void socket.end(),
  'resets at once': reset,
  'resets after the request': (socket) => void socket.once('data', () => reset(socket)),
  'hangs up after the request': (socket) => void socket.once('data', () => void socket.end()),
  'says half a line and stops': (socket) => void socket.write(`HTTP/1.1 20`),
  'says garbage and stops': (socket) =>
    void socket.write(Buffer.from(Array.from({ length: 2048 }, (_, at) => (at * 167) % 256))),
  'says garbage without end': (socket) =>
    endlessly(socket, Buffer.alloc(16 << 10, `\u0000\u00ff${ITS_WORD}\r\n`)),
  'never ends its line': (socket) => endlessly(socket, Buffer.alloc(16 << 10, 'a')),
  'speaks another protocol': (socket) =>
    void socket.write(`SSH-2.0-OpenSSH_10.0 ${ITS_WORD}\r\n+OK ${ITS_WORD} ready\r\n`),
  // As BER, of which a directory's answers are made, and as PostgreSQL writes lengths.
  'promises two gigabytes, and begins': (socket) =>
    void socket.once('data', () => {
      socket.write(Buffer.of(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff));
      endlessly(socket, Buffer.alloc(16 << 10, 0x02));
    }),
  'drips a byte at a time': (socket) => {
    const drip = setInterval(() => socket.write('2'), DRIP);
    socket.on('close', () => clearInterval(drip));
  },
};

/** Answers the first bytes of a request, and only them. */
const answering =
  (answer: (socket: Socket) => void): Behaviour =>
  (socket) =>
    void socket.once('data', () => answer(socket));

const says = (head: string, body = ''): Behaviour =>
  answering((socket) => void socket.write(`HTTP/1.1 ${head}\r\n\r\n${body}`));

const refusal = (status: string, ...headers: readonly string[]): Behaviour => {
  const body = JSON.stringify({ error: ITS_WORD });
  return says([status, ...headers, `Content-Length: ${body.length}`].join('\r\n'), body);
};

/** What a peer that should speak HTTP may do besides; none of these answers means yes. */
export const HTTP: Readonly<Record<string, Behaviour>> = {
  'resets in the middle of its answer': answering(
    (socket) =>
      void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{', () => reset(socket)),
  ),
  'hangs up in the middle of its answer': answering(
    (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"a"'),
  ),
  'sends headers without end': answering((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    endlessly(socket, `X-${ITS_WORD}: a\r\n`.repeat(500));
  }),
  'sends a body without end': answering((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n');
    endlessly(socket, Buffer.alloc(16 << 10, '['));
  }),
  'sends chunks without end': answering((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    endlessly(socket, `4000\r\n${'a'.repeat(0x4000)}\r\n`);
  }),
  'sends chunks that are none': says('200 OK\r\nTransfer-Encoding: chunked', `zz\r\n${ITS_WORD}`),
  'promises more than it sends': says(`200 OK\r\nContent-Length: ${10 ** 15}`, '{'),
  'promises less than nothing': says('200 OK\r\nContent-Length: -1', '{}'),
  'promises two lengths': says('200 OK\r\nContent-Length: 2\r\nContent-Length: 5', '{}abc'),
  'switches protocols': says('101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade'),
  'says to go on without end': answering((socket) =>
    endlessly(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)),
  ),
  'gives early hints without end': answering((socket) =>
    endlessly(socket, `HTTP/1.1 103 Early Hints\r\nLink: <${ITS_WORD}>\r\n\r\n`.repeat(100)),
  ),
  'sends around in a circle': refusal('302 Found', 'Location: /'),
  'answers 500': refusal('500 Internal Server Error'),
  'answers 503': refusal('503 Service Unavailable', 'Retry-After: 1'),
  'answers 429': refusal('429 Too Many Requests'),
  'answers 429, with a bomb of gzip': answering((socket) => {
    const bomb = gzipSync(Buffer.alloc(64 << 20));
    socket.write(
      `HTTP/1.1 429 Too Many Requests\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`,
    );
    socket.write(bomb);
  }),
};

/** A mail server's greeting and then, to the commands that come, one answer each; the last one again and again. */
const mail =
  (...answers: readonly string[]): Behaviour =>
  (socket) => {
    let at = 0;
    socket.write(`220 mail ESMTP ${ITS_WORD}\r\n`);
    socket.on('data', () => {
      socket.write(answers[Math.min(at, answers.length - 1)] ?? '');
      at += 1;
    });
  };

const OK = `250 ${ITS_WORD}\r\n`;

/** What a peer that should speak SMTP may do besides. */
export const SMTP: Readonly<Record<string, Behaviour>> = {
  'greets and says nothing more': mail(''),
  'refuses at its greeting': (socket) => void socket.write(`421 ${ITS_WORD}\r\n`),
  'never ends its list of what it can': (socket) => {
    socket.write('220 mail ESMTP\r\n');
    socket.once('data', () => endlessly(socket, `250-${ITS_WORD}\r\n`.repeat(500)));
  },
  'takes nobody now': mail(OK, OK, `450 ${ITS_WORD}\r\n`),
  'falls silent before the message': mail(OK, OK, OK, ''),
  'falls silent after the message': mail(OK, OK, OK, OK, '354 go on\r\n', ''),
  'refuses what it was sent': mail(OK, OK, OK, OK, '354 go on\r\n', `451 ${ITS_WORD}\r\n`),
  'hangs up after the message': (socket) => {
    mail(OK, OK, OK, OK, '354 go on\r\n', '')(socket);
    socket.on('data', (chunk: Buffer) => {
      if (/^\.\r\n/m.test(chunk.toString('latin1'))) socket.end();
    });
  },
  'answers without being asked': (socket) => endlessly(socket, OK.repeat(500)),
};

/** What a peer may do before anything is encrypted. */
export const HANDSHAKE: Readonly<Record<string, Behaviour>> = {
  'never begins the handshake': () => undefined,
  'answers the handshake in the clear': says('400 Bad Request', ITS_WORD),
  'resets in the handshake': (socket) => void socket.once('data', () => reset(socket)),
  'drips its handshake': (socket) => {
    const hello = [0x16, 0x03, 0x03, 0x3f, 0xff, 0x02, 0x00, 0x3f, 0xfb];
    let at = 0;
    const drip = setInterval(() => {
      socket.write(Buffer.of(hello[at] ?? 0));
      at += 1;
    }, DRIP);
    socket.on('close', () => clearInterval(drip));
  },
};
