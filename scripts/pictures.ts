/**
 * Takes the pictures of docs/pictures anew: the evidence reports of invented emergencies, narrow and dark, wide and
 * light, and full of what an adversary might write, in a chromium that has no network; and its first page on paper. `node scripts/pictures.ts [folder]`; CHROMIUM names another program.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { htmlOf } from '../packages/evidence/index.ts';
import { bySilence, everything } from '../packages/evidence/procedure.fixture.ts';
import { documentOf, hostile } from '../packages/evidence/reports.fixture.ts';
import { pdfOf } from '../packages/paper/index.ts';

const PROGRAM = process.env.CHROMIUM ?? 'chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--hide-scrollbars',
  '--force-color-profile=srgb',
  '--remote-debugging-pipe',
];

/** The most pixels that a picture is high: they lie in the repository. */
const TALLEST = 1400;

/** A picture: of which page, how wide in CSS pixels, and in which colours. */
const PICTURES = [
  { file: 'report-narrow.png', page: 'silence', width: 360, scheme: 'dark' },
  { file: 'report-wide.png', page: 'whole', width: 1280, scheme: 'light' },
  { file: 'report-hostile-narrow.png', page: 'hostile', width: 360, scheme: 'light' },
] as const;

/** The DevTools protocol over two pipes: messages are JSON, each ended by a zero byte. */
class Browser {
  readonly #to: Writable;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;
  #rest = '';

  constructor(to: Writable, from: Readable) {
    this.#to = to;
    from.setEncoding('utf8');
    from.on('data', (chunk: string) => {
      const messages = (this.#rest + chunk).split('\0');
      this.#rest = messages.pop() ?? '';
      for (const message of messages) this.#heard(JSON.parse(message));
    });
  }

  #heard(answer: Answer): void {
    if (answer.id === undefined) return;
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  async ask(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    this.#last += 1;
    const id = this.#last;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answered;
    if (result === undefined) throw new Error(`${method}: ${error?.message ?? 'no answer'}`);
    return result;
  }
}

interface Answer {
  readonly id?: number;
  readonly result?: Result;
  readonly error?: { readonly message: string };
}

interface Result {
  readonly targetId?: string;
  readonly sessionId?: string;
  readonly data?: string;
  readonly cssContentSize?: { readonly width: number; readonly height: number };
}

const target = process.argv[2] ?? join(dirname(import.meta.dirname), 'docs/pictures');
const work = await mkdtemp(join(tmpdir(), 'halligan-pictures-'));
const chromium = spawn(PROGRAM, [...FLAGS, `--user-data-dir=${join(work, 'profile')}`], {
  stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
});
const ended = new Promise<void>((resolve) => {
  chromium.once('exit', () => resolve());
  chromium.once('error', (error) => {
    console.error(`${PROGRAM} does not start: ${error.message}`);
    process.exitCode = 1;
    resolve();
  });
});
try {
  const browser = new Browser(pipe(chromium, 3), pipe(chromium, 4));
  await Promise.race([takeAll(browser), ended]);
  await takePaper();
} finally {
  chromium.kill();
  await ended;
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}

async function takeAll(browser: Browser): Promise<void> {
  const pages = {
    whole: htmlOf(await documentOf(() => everything())),
    silence: htmlOf(await documentOf(bySilence)),
    hostile: await hostile(),
  };
  for (const { file, page, width, scheme } of PICTURES) {
    const source = join(work, `${page}.html`);
    await writeFile(source, pages[page]);
    const { targetId } = await browser.ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.ask('Target.attachToTarget', { targetId, flatten: true });
    const ask = (method: string, params: object) => browser.ask(method, params, sessionId);
    await ask('Emulation.setDeviceMetricsOverride', {
      width,
      height: 800,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await ask('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
    await ask('Page.navigate', { url: `file://${source}` });
    // One page, no script and nothing to fetch: when the fonts are there, it is there.
    await ask('Runtime.evaluate', {
      expression:
        "new Promise((done) => document.readyState === 'complete' ? done(1) : addEventListener('load', done)).then(() => document.fonts.ready).then(() => 1)",
      awaitPromise: true,
    });
    const { cssContentSize } = await ask('Page.getLayoutMetrics', {});
    const { width: wide = 0, height = 0 } = cssContentSize ?? {};
    if (wide > width) {
      console.error(`${file}: ${page} is ${wide} pixels wide, not ${width}`);
      process.exitCode = 1;
    }
    const shown = Math.min(TALLEST, Math.ceil(height));
    const { data } = await ask('Page.captureScreenshot', {
      format: 'png',
      captureBeyondViewport: true,
      clip: { x: 0, y: 0, width, height: shown, scale: 1 },
    });
    await writeFile(join(target, file), Buffer.from(data ?? '', 'base64'));
    console.log(`${file} ${width}×${shown} of ${Math.ceil(height)}`);
    await browser.ask('Target.closeTarget', { targetId });
  }
}

/** The first page of report.pdf, as another program draws it. */
async function takePaper(): Promise<void> {
  const document = await documentOf(() => everything());
  const source = join(work, 'report.pdf');
  await writeFile(
    source,
    await pdfOf(document, { signedBy: ['requester ana', 'second person ben'] }),
  );
  const to = join(target, 'report-paper');
  const drawn = spawnSync('pdftoppm', ['-png', '-r', '80', '-singlefile', source, to]);
  if (drawn.status === 0) console.log('report-paper.png');
  else {
    console.error('report-paper.png: pdftoppm, of poppler-utils, did not draw it');
    process.exitCode = 1;
  }
}

function pipe({ stdio }: ChildProcess, at: 3 | 4): Duplex {
  const stream = stdio[at];
  if (stream instanceof Duplex) return stream;
  throw new Error('chromium was started without pipes');
}
