import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kitReaders } from '@halligan/evidence';
import { digestOf, HalliganError, hex, type Json, sha256 } from '@halligan/format';
import { isWholePlace, type State } from '@halligan/procedure';
import { writeKit } from '@halligan/seal';
import { z } from 'zod';
import { jsonOf, writeJson } from '../home.ts';
import type { ServerParts } from '../parts.ts';
import { kitContent } from './content.ts';
import { Folded } from './folded.ts';
import { type Acknowledged, writeToPlaces } from './places.ts';
import { vaultEntriesOf } from './vault-place.ts';

const keptInVault = z.strictObject({
  kind: z.enum(['onepassword', 'bitwarden']).exactOptional(),
  entry: z.string(),
  version: z.int(),
  request: z.string(),
  rules: z.enum(['kept', 'loose']),
  audit: z.enum(['on', 'off', 'unknown']),
});
const place = z.strictObject({
  name: z.string(),
  offServer: z.boolean(),
  offline: z.boolean().optional(),
  idpFree: z.boolean().optional(),
  vault: z.record(z.string(), keptInVault).optional(),
});
const written = z.strictObject({
  /** Of what was kept: it says whether a kit is still of the state as it is. */
  mark: z.string(),
  kit: z.string(),
  createdAt: z.string(),
  size: z.int(),
  places: z.array(place),
});

/** A kit as it was last written: its file's SHA-256, when, at which size of the log, and who acknowledged it. */
export type WrittenKit = Omit<z.infer<typeof written>, 'places'> & {
  readonly places: readonly Acknowledged[];
};

/** First wait after a place could not be written, and the longest, milliseconds. */
const WAIT = 1_000;
const LONGEST_WAIT = 300_000;

/**
 * Keeps the kits up to date: everything needed when the server is gone, written to every place whenever the
 * organisation or an account changes, one kit after the other, and again where a place could not be written.
 */
export class KitKeeper {
  readonly #parts: Omit<ServerParts, 'kits'>;
  readonly #marks = new Marks();
  readonly #folded = new Folded();
  #last: WrittenKit | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  private constructor(parts: Omit<ServerParts, 'kits'>, last: WrittenKit | undefined) {
    this.#parts = parts;
    this.#last = last;
  }

  /** With what is known of the last kit; where that is lost, a new one is written. */
  static async open(parts: Omit<ServerParts, 'kits'>): Promise<KitKeeper> {
    const path = join(parts.home.root, 'kits.json');
    const known = existsSync(path) ? written.safeParse(jsonOf(await readFile(path, 'utf8'))) : null;
    return new KitKeeper(parts, known?.success === true ? plainKit(known.data) : undefined);
  }

  /** The kit that was last written. */
  get last(): WrittenKit | undefined {
    return this.#last;
  }

  /** Whether the last kit is of everything as it is, in every place. */
  get isCurrent(): boolean {
    const { leader, settings } = this.#parts;
    return (
      this.#last?.mark === this.#marks.of(leader.state) &&
      this.#last.places.length === settings.kitPlaces.length
    );
  }

  /** Places by name that the last kit did not reach. */
  get missing(): readonly string[] {
    const reached = new Set(this.#last?.places.map(({ name }) => name));
    return this.#parts.settings.kitPlaces
      .map(({ name }) => name)
      .filter((name) => !reached.has(name));
  }

  /** Whether a kit lies in a place that is off the server, offline and free of the identity provider. */
  get hasWholePlace(): boolean {
    return this.#last?.places.some(isWholePlace) === true;
  }

  /** A kit of everything as it is durable now: written where the last one is not. @throws `server.no-roster`, `server.no-seal`, `seal.damaged` */
  current(): Promise<WrittenKit> {
    const next = this.#queue.then(() =>
      this.#last !== undefined && this.isCurrent ? this.#last : this.#write(),
    );
    this.#queue = next.catch(() => undefined);
    return next;
  }

  /** Writes a kit where the last one is of something else. Never throws. */
  look(): void {
    const { leader, settings, log } = this.#parts;
    if (leader.state.policy === undefined || settings.kitPlaces.length === 0) return;
    if (this.#stopped || this.#waiting || this.isCurrent) return;
    this.#waiting = true;
    this.#queue = this.#queue.then(async () => {
      this.#waiting = false;
      if (this.isCurrent || this.#stopped) return;
      try {
        await this.#write();
      } catch (cause) {
        log('error', 'kit', cause instanceof HalliganError ? cause.code : 'failed unexpectedly');
      }
      if (this.isCurrent) this.#failures = 0;
      else this.#later();
    });
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#queue;
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.look(),
      Math.min(LONGEST_WAIT, WAIT * 2 ** Math.min(this.#failures, 20)),
    );
    this.#timer.unref();
    this.#failures += 1;
  }

  async #write(): Promise<WrittenKit> {
    const { leader, settings, home, log } = this.#parts;
    const { roster } = leader.state;
    if (roster === undefined)
      throw new HalliganError(
        'server.no-roster',
        'There is no roster.',
        'Run halligan init first.',
      );
    const createdAt = leader.now();
    const mark = this.#marks.of(leader.state);
    const { size } = leader.checkpoint();
    const files = await kitContent(this.#parts, this.#folded.of, createdAt);
    const { organisation } = roster;
    const bytes = await writeKit({ organisation, createdAt, files }, kitReaders(leader.state));
    const file = `${organisation}.halligan-kit`;
    const hasVault = settings.kitPlaces.some(({ vault }) => vault === true);
    const entries = hasVault ? await vaultEntriesOf(this.#parts) : [];
    const places = await writeToPlaces(settings.kitPlaces, { file, bytes, entries }, log);
    this.#last = { mark, kit: hex(sha256(bytes)), createdAt, size, places };
    await writeJson(join(home.root, 'kits.json'), this.#last as unknown as Json);
    return this.#last;
  }
}

/** What kits are of: everything in them that changes, but for what people say of kits. */
class Marks {
  #last: { readonly of: Marked; readonly mark: string } | undefined;

  /** Worked out anew only where something of it was replaced: most events leave all of it as it is. */
  of({ roster, policy, systems, drivers, places, accounts }: State): string {
    const of = { roster, policy, systems, drivers, places, accounts };
    const last = this.#last;
    if (last !== undefined && MARKED.every((name) => last.of[name] === of[name])) return last.mark;
    const all = { ...of, roster: roster ?? null, policy: policy ?? null };
    const mark = digestOf(all as unknown as Json);
    this.#last = { of, mark };
    return mark;
  }
}

const MARKED = ['roster', 'policy', 'systems', 'drivers', 'places', 'accounts'] as const;
type Marked = { readonly [Name in (typeof MARKED)[number]]: State[Name] | undefined };

function plainKit({ places, ...rest }: z.infer<typeof written>): WrittenKit {
  return {
    ...rest,
    places: places.map(({ name, offServer, offline, idpFree, vault }) => ({
      name,
      offServer,
      ...(offline === undefined ? {} : { offline }),
      ...(idpFree === undefined ? {} : { idpFree }),
      ...(vault === undefined ? {} : { vault }),
    })),
  };
}
