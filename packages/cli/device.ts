import { type DevicePins, type ProvenState, proveState, streamsOf } from '@halligan/evidence';
import { HalliganError, hex } from '@halligan/format';
import {
  type Emergency,
  emergencyById,
  mayRelease,
  type Opening,
  type Version,
  watch,
} from '@halligan/procedure';
import {
  type Attachment,
  makeStatement,
  type PlainAttachment,
  type SignedStatement,
  type Statement,
  type StatementFields,
  type StatementKind,
  signSignIn,
  signStatement,
} from '@halligan/statement';
import { emptyRoot } from '@halligan/tlog';
import { z } from 'zod';
import { Api, type Connection } from './api.ts';
import { Kept } from './kept.ts';
import { rememberKnown } from './kit/known.ts';
import type { AskPassphrase, PersonHome, PersonKeys } from './person-home.ts';

/** What a statement says besides what every statement says. */
export type Body<Kind extends StatementKind> = Omit<
  StatementFields<Kind>,
  'origin' | 'by' | 'at' | 'policy' | 'roster' | 'journal' | 'offline'
>;

/** What goes with a statement. */
export interface Enclosed {
  readonly document?: unknown;
  readonly attachments?: readonly (Attachment | PlainAttachment)[];
  readonly ciphertexts?: readonly string[];
  readonly others?: readonly unknown[];
}

/** An account or emergency, with the organisation. */
interface About {
  readonly emergency?: string;
  readonly account?: string;
}

/**
 * A person's device: proves what the server says before it signs, remembers the last checkpoint before it signs
 * upon it, and never signs bytes that a server chose.
 */
export class Device {
  readonly home: PersonHome;
  readonly api: Connection;
  readonly #ask: AskPassphrase;
  readonly #which: 'current' | 'renewed';
  readonly #kept: Kept;
  #keys: PersonKeys | undefined;

  /**
   * @param which the signing keys to use; see {@link PersonHome.keys}
   * @param api what it speaks to instead of the server
   * @param kept from what this process did before
   */
  constructor(
    home: PersonHome,
    ask: AskPassphrase,
    which: 'current' | 'renewed' = 'current',
    api?: Connection,
    kept = new Kept(),
  ) {
    this.home = home;
    this.#ask = ask;
    this.#which = which;
    this.#kept = kept;
    this.api = api ?? new Api(home.facts.url, home.facts.certificate);
  }

  /** Which path an opening takes where nobody said which and there is a second person. */
  usualPath(_version: Version): string {
    return 'standard';
  }

  /** The account of an emergency that this process proved before, by its whole id. */
  accountOf(emergency: string): string | undefined {
    return this.#kept.accountOf(emergency);
  }

  get person(): string {
    return this.home.facts.person;
  }

  async keys(): Promise<PersonKeys> {
    this.#keys ??= await this.home.keys(this.#ask, this.#which);
    return this.#keys;
  }

  /** Signs in by answering the server's challenge under its own namespace. */
  async signIn(): Promise<void> {
    if (this.api.isSignedIn) return;
    const { challenge } = z
      .object({ challenge: z.string() })
      .parse(await this.api.post('/v1/sign-in/challenge'));
    const { signing } = await this.keys();
    const signature = await signSignIn(
      challenge,
      { origin: this.home.pins.origin, person: this.person },
      signing,
    );
    const { token } = z
      .object({ token: z.string() })
      .parse(await this.api.post('/v1/sign-in', { person: this.person, challenge, signature }));
    this.api.signedIn(token);
  }

  /** The organisation, and an account or emergency of it, proven here. */
  prove(about: About = {}): Promise<ProvenState> {
    return this.#proveFrom(this.home.pins, about);
  }

  /**
   * The organisation, proven from its genesis on, where what this device saw of the log is lost. Remembered from then on.
   * @param rosterToo changes of the roster that this device saw may be lost with it: for admins who sign that they are
   * @throws `evidence.roster-behind` where they may not
   */
  proveAnew(rosterToo: boolean): Promise<ProvenState> {
    const { watched, ...pins } = this.home.pins;
    const kept = watched === undefined || !rosterToo ? watched : { ...watched, roster: 0 };
    const seen = { size: 0, root: hex(emptyRoot()) };
    return this.#proveFrom({ ...pins, seen, watched: kept }, {});
  }

  async #proveFrom(pins: DevicePins, about: About): Promise<ProvenState> {
    await this.signIn();
    const streams =
      about.emergency !== undefined && about.account !== undefined
        ? streamsOf(about.emergency, about.account)
        : new Set([
            'organisation',
            ...(about.account === undefined ? [] : [`account:${about.account}`]),
          ]);
    const proven = await this.#proven(pins, about, streams);
    await this.home.remember(proven, watch(proven.state, pins.watched, new Date().toISOString()));
    await rememberKnown(this.home, proven);
    this.#kept.saw(about);
    return proven;
  }

  /** Asks for what this process was not shown before; for all of it where that does not hold, to say what is wrong. */
  async #proven(
    pins: DevicePins,
    about: About,
    streams: ReadonlySet<string>,
  ): Promise<ProvenState> {
    const prove = async (from: number) => {
      const view = await this.#view(about, pins.seen.size, from);
      return proveState(view, pins, streams, this.#kept.judged);
    };
    const { size } = this.#kept.judged.shown(streams, pins.seen);
    return prove(size).catch((cause) => (size === 0 ? Promise.reject(cause) : prove(0)));
  }

  /** What the server shows. Where it says itself that it has less than this device saw, that is judged here as well. */
  async #view(about: About, since: number, from: number): Promise<unknown> {
    try {
      return await this.api.get(viewPath(about, since, from));
    } catch (error) {
      if (error instanceof HalliganError && error.code === 'server.behind')
        return this.api.get(viewPath(about, 0, 0));
      throw error;
    }
  }

  /** Whether this person's share may be released for an opening, by a state that was proven here. */
  judge(
    { state }: ProvenState,
    emergency: Emergency,
    { request }: Opening,
  ): ReturnType<typeof mayRelease> {
    const { watched, ...pins } = this.home.pins;
    return mayRelease(
      { state, emergency: emergency.id, request },
      { ...pins, holder: this.person, ...(watched === undefined ? {} : { watched }) },
      new Date().toISOString(),
    );
  }

  /** What statements of this device say besides, for where it stands: nothing where the server is there. */
  protected async circumstances(): Promise<Pick<Statement, 'offline'>> {
    return {};
  }

  /** Signs what the person decided, upon a state that was proven here, and hands it to the server. */
  async say<Kind extends StatementKind>(
    proven: ProvenState,
    kind: Kind,
    body: Body<Kind>,
    enclosed: Enclosed = {},
  ): Promise<{ readonly signed: SignedStatement; readonly answer: unknown }> {
    const signed = await this.sign(proven, kind, body);
    const { others = [], attachments = [], ...rest } = enclosed;
    const answer = await this.api.post('/v1/statements', {
      signed: [signed, ...others],
      ...rest,
      ...(await this.#sent(body.subject, attachments)),
    });
    return { signed, answer };
  }

  /** Sends large files before the statement that names them; what fits goes along with it. */
  async #sent(subject: string, attached: readonly (Attachment | PlainAttachment)[]) {
    const uploaded: string[] = [];
    const attachments: Attachment[] = [];
    for (const one of attached) {
      if ('plain' in one) {
        await this.api.bytes(
          'PUT',
          `/v1/emergencies/${subject}/attachments/${one.digest}`,
          one.plain,
        );
        uploaded.push(one.digest);
      } else attachments.push(one);
    }
    return {
      ...(attachments.length === 0 ? {} : { attachments }),
      ...(uploaded.length === 0 ? {} : { uploaded }),
    };
  }

  /** Signs without handing over: for joint decisions and for systems. */
  async sign<Kind extends StatementKind>(
    { state, anchor }: ProvenState,
    kind: Kind,
    body: Body<Kind>,
  ): Promise<SignedStatement> {
    const emergency = emergencyById(state, body.subject);
    const common = {
      origin: this.home.pins.origin,
      by: this.person,
      at: new Date().toISOString(),
      policy: emergency?.policy ?? state.policy ?? null,
      roster: state.roster?.digest ?? null,
      journal: { size: anchor.size, root: hex(anchor.root) },
    };
    // The two halves are exactly the kind's fields; the compiler cannot add up a generic Omit.
    const fields = {
      ...common,
      ...(await this.circumstances()),
      ...body,
    } as unknown as StatementFields<Kind>;
    return signStatement(makeStatement(kind, fields), (await this.keys()).signing);
  }

  /** Waits until something of the record holds, looking again at each change. Bounded by the caller's patience. */
  async until<T>(look: () => Promise<T | undefined>, milliseconds: number): Promise<T> {
    await this.signIn();
    for await (const _ of this.api.sizes(AbortSignal.timeout(milliseconds))) {
      const found = await look();
      if (found !== undefined) return found;
    }
    throw new HalliganError(
      'cli.waiting',
      'It has not happened yet.',
      'See what is missing: halligan emergency show.',
    );
  }
}

/** Finds an emergency of a proven state. @throws `server.emergency` */
export function emergencyIn({ state }: ProvenState, id: string): Emergency {
  const emergency = emergencyById(state, id);
  if (emergency === undefined)
    throw new HalliganError(
      'server.emergency',
      'There is no such emergency.',
      'See halligan emergency list.',
    );
  return emergency;
}

function viewPath({ emergency, account }: About, since: number, from: number): string {
  const query = new URLSearchParams({ since: String(since) });
  if (from > 0) query.set('from', String(from));
  if (emergency !== undefined) query.set('emergency', emergency);
  if (account !== undefined) query.set('account', account);
  return `/v1/view?${query}`;
}
