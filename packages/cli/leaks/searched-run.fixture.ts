/**
 * A whole emergency on a system, by people and a server that are processes of their own, with alerts, a backup and a
 * snapshot. Then every secret that occurred is looked for everywhere but where it belongs: on its holders' devices, in
 * the system, and in the keys. Canaries are planted wherever is looked.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startServer } from '@halligan/server';
import { PersonHome } from '../person-home.ts';
import { runDrill } from '../practice/drill.ts';
import { Narrator } from '../practice/narrator.ts';
import { foundPractice, furnish, practicePolicy } from '../practice/organisation.ts';
import { PEOPLE, People, type PersonAnswer, personFolder } from '../practice/people.ts';
import { fetchFromSecondVault } from '../practice/second-vault.ts';
import { type RunningTarget, startTarget } from '../practice/targets.ts';
import { filesBelow } from '../practice-home.fixture.ts';
import { program } from '../run.fixture.ts';
import { type ServerProcess, startServerProcess } from '../server-process.fixture.ts';
import { type Canary, type Kind, makeCanaries, plantingOrder } from './canaries.fixture.ts';
import { type CoreImage, coreImage, identitiesIn } from './core-image.fixture.ts';
import {
  bytesHaystack,
  entriesOf,
  fileHaystack,
  filesOf,
  type Haystack,
  kitsOf,
  textsOf,
} from './haystacks.fixture.ts';
import { type Leak, Search, type Secret } from './leaks.fixture.ts';
import { WatchedProcesses } from './processes.fixture.ts';
import { told } from './receivers-of-run.fixture.ts';
import { driverSecret, secretsOf } from './secrets.fixture.ts';

/** What came of a search after a whole run. */
export interface Searched {
  /** Secrets that were found where they must not be. */
  readonly leaks: readonly Leak[];
  /** Canaries that were not found where they had been planted, and where that is. */
  readonly blind: readonly string[];
  /** Which secrets were looked for. */
  readonly secrets: readonly string[];
  /** How many places of each kind were searched, and how many bytes. */
  readonly places: ReadonlyMap<Kind, { readonly count: number; readonly bytes: number }>;
  /** Why there is no core image of the server, where there is none. */
  readonly noCore?: string;
}

const POLICY = `${practicePolicy('x25519')}
channels: { alert_on: [declared, approved, refused, opened, revealed, ended, aborted, closed, exception, exposed] }
`;
/** Of 10 GB in a core image 8 would be addresses that WebAssembly reserves, and nobody uses. */
const SMALL_IMAGE = ['--disable-wasm-trap-handler', '--wasm-max-mem-pages=4096'];
const OURS = dirname(import.meta.dirname);

/** @throws `systems.component-missing` */
export async function searchedRun(system: string): Promise<Searched> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-nowhere-'));
  const home = join(folder, 'home');
  try {
    await mkdir(home, { mode: 0o700 });
    const canaries = makeCanaries();
    const watched = new WatchedProcesses((parameters) => parameters.includes(OURS));
    const running = await startTarget(home, system);
    let left: Left;
    try {
      left = await run(folder, home, running, canaries);
    } finally {
      await running.stop();
    }
    const processes = watched.end();
    const secrets = [
      ...(await secretsOf(home, Object.keys(PEOPLE))),
      ...(await driverSecret(running.target.secret)),
    ];
    const haystacks = [
      ...left.haystacks,
      ...processes.map((bytes, at) => bytesHaystack('processes', `process ${at}`, bytes)),
      ...filesOf(home),
      ...(await entriesOf(home)),
      ...(await textsOf(home)),
      ...(await kitsOf(home)),
      ...filesBelow(join(folder, 'backup')).map((path) => fileHaystack('backup', path)),
      ...filesBelow(join(folder, 'temporary')).map((path) => fileHaystack('temporary files', path)),
    ];
    const { held, ...others } = canaries;
    const found = search(haystacks, secrets, [...held, ...Object.values(others)], left.images);
    return { ...found, leaks: [...found.leaks, ...strangersIn(home, left.images)] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a run leaves besides files. */
interface Left {
  readonly haystacks: readonly Haystack[];
  readonly images: readonly CoreImage[];
}

async function run(
  folder: string,
  home: string,
  { target, secondVault }: RunningTarget,
  canaries: ReturnType<typeof makeCanaries>,
): Promise<Left> {
  const [temporary, cores] = [join(folder, 'temporary'), join(folder, 'cores')];
  for (const one of [temporary, cores]) await mkdir(one, { mode: 0o700 });
  const planting = join(folder, 'planting');
  await writeFile(planting, plantingOrder(canaries));
  await foundPractice(home, 'x25519', secondVault === undefined ? [] : [secondVault.place]);
  const receivers = await told(home);
  const server = await startServerProcess(home, undefined, {
    node: [...SMALL_IMAGE, '--import', join(import.meta.dirname, 'planting.fixture.ts')],
    environment: { HALLIGAN_PLANTING: planting, TMPDIR: temporary, MALLOC_ARENA_MAX: '1' },
  });
  const images: CoreImage[] = [];
  const people = new HeardPeople(home, { TMPDIR: temporary }, canaries.note.text, (argv) => {
    // The credential is in use: shares went through the server a moment ago.
    if (argv[1] === 'sign-in') images.push(coreImage(server.pid, cores, 'in-use'));
  });
  try {
    await learnAddress(home, server);
    const purpose = `${target.purpose} ${canaries.purpose.text}`;
    await furnish(home, people, { ...target, purpose }, POLICY);
    const tell = new Narrator(() => undefined);
    await runDrill(home, people, target, tell);
    if (secondVault !== undefined)
      await fetchFromSecondVault(home, people, target.id, secondVault, tell);
    // A command that there is not is quoted.
    await people.attempt('mei', [canaries.answer.text]);
    await backUp(home, join(folder, 'backup'));
    await receivers.plant(canaries.alert.text);
    images.push(coreImage(server.pid, cores, 'after'));
  } finally {
    await people.end();
    await server.stop();
  }
  const alerts = await receivers.end();
  await keepSnapshot(home);
  return {
    images,
    haystacks: [
      ...alerts.map((one, at) => bytesHaystack('alerts', `alert ${at}`, Buffer.from(one))),
      bytesHaystack('server’s log', 'log', Buffer.from(server.said.join('\n'))),
      bytesHaystack('people’s programs', 'answers', Buffer.from(people.answers.join('\n'))),
    ],
  };
}

/** People who are overheard, and who write something into their notes. */
class HeardPeople extends People {
  /** What their programs printed. */
  readonly answers: string[] = [];
  readonly #note: string;
  readonly #after: (argv: readonly string[]) => void;

  /** @param after is called when a command has ended */
  constructor(
    home: string,
    environment: Readonly<Record<string, string>>,
    note: string,
    after: (argv: readonly string[]) => void,
  ) {
    super(home, environment);
    this.#note = note;
    this.#after = after;
  }

  override async attempt(id: string, argv: readonly string[]): Promise<PersonAnswer> {
    const said = argv[1] === 'note' ? argv.with(-1, `${argv.at(-1)} ${this.#note}`) : argv;
    const answer = await super.attempt(id, said);
    this.answers.push(answer.out, answer.said);
    this.#after(argv);
    return answer;
  }
}

async function learnAddress(home: string, { url }: ServerProcess): Promise<void> {
  for (const id of Object.keys(PEOPLE))
    await (await PersonHome.open(personFolder(home, id))).learn({ url });
}

async function backUp(home: string, out: string): Promise<void> {
  const { code, err } = await program('halligan.ts', ['backup', 'create', '--out', out], {
    HALLIGAN_HOME: home,
  });
  if (code !== 0) throw new Error(`no backup was made: ${err}`);
}

/** Usually there is one only from 2,000 entries on. */
async function keepSnapshot(home: string): Promise<void> {
  const server = await startServer(home, () => undefined, { level: 'error', snapshotFrom: 1 });
  await server.settled();
  await server.stop();
}

function search(
  haystacks: readonly Haystack[],
  secrets: readonly Secret[],
  canaries: readonly Canary[],
  images: readonly CoreImage[],
): Searched {
  const all = [
    ...haystacks,
    ...images.flatMap((one) => ('path' in one ? [fileHaystack('core image', one.path)] : [])),
  ];
  const engine = new Search([...secrets, ...canaries]);
  const places = new Map<Kind, { readonly count: number; readonly bytes: number }>();
  const found: (Leak & { readonly kind: Kind })[] = [];
  for (const { kind, bytes, search } of all) {
    const before = places.get(kind) ?? { count: 0, bytes: 0 };
    places.set(kind, { count: before.count + 1, bytes: before.bytes + bytes });
    found.push(...search(engine).map((leak) => ({ ...leak, kind })));
  }
  const noCore = images.flatMap((one) => ('missing' in one ? [one.missing] : []))[0];
  return {
    leaks: found.filter(({ secret }) => !canaries.some(({ name }) => name === secret)),
    blind: canaries.flatMap(({ name, places: planted }) =>
      planted
        .filter((kind) => noCore === undefined || kind !== 'core image')
        .filter((kind) => !found.some((one) => one.secret === name && one.kind === kind))
        .map((kind) => `${name}: not found in ${kind}`),
    ),
    secrets: secrets.map(({ name }) => name),
    places,
    ...(noCore === undefined ? {} : { noCore }),
  };
}

/** Age identities in the server's memory that are not among its own keys: one-time identities open shares, too. */
function strangersIn(home: string, images: readonly CoreImage[]): readonly Leak[] {
  const own = filesBelow(join(home, 'keys')).map((path) => readFileSync(path, 'latin1'));
  return images
    .flatMap((one) => ('path' in one && existsSync(one.path) ? [one.path] : []))
    .flatMap((place) =>
      [...identitiesIn(place)]
        .filter((identity) => !own.some((text) => text.includes(identity)))
        .map((): Leak => ({ secret: 'an age identity of somebody’s', spelling: 'text', place })),
    );
}
