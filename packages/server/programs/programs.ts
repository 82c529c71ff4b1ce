import { streamsOf } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import { type AboutSoon, neededSoon } from '@halligan/procedure';
import type { Log } from '../log/log.ts';
import type { ServerParts } from '../parts.ts';
import { Conversation, type ViewOf } from './conversation.ts';
import { programOf } from './place.ts';
import type { Program, Whereabouts } from './transport.ts';

/** What programs are found and shown by. */
export interface Surroundings {
  readonly whereIs: (program: Program) => Whereabouts;
  /** Who will be asked something next, and about what. */
  readonly needed: () => ReadonlyMap<Program, AboutSoon>;
  readonly viewOf: ViewOf;
  readonly log: Log;
}

/** Those of a server's own record. */
export function surroundingsOf(
  parts: Pick<ServerParts, 'home' | 'settings' | 'leader' | 'log'>,
): Surroundings {
  const { leader, log } = parts;
  return {
    whereIs: (program) => programOf(parts, program),
    needed: () => neededSoon(leader.state),
    viewOf: (...asked) => leader.view(...asked),
    log,
  };
}

/**
 * How old one that stands ready gets before another takes its place, milliseconds: a conversation that begins then still
 * has half of the time that its unit gives it.
 */
const WATCH = 300_000;

/**
 * What becomes of a program after a conversation: it ends, another being started meanwhile where one is needed at once; or
 * it stays for the next, having seen no credential.
 */
export type Afterwards = 'ends' | 'is followed' | 'stays';

/**
 * The server's programs. Each lives until it has seen a credential, and one of each is spoken to at a time. While an emergency is
 * about to need one, it stands ready: loaded, and shown the record as it was then, so that whoever waits for a share
 * does not wait for a process to start. One that cannot start is noticed then, and not when the share is asked for.
 */
export class Programs {
  readonly #needed: Surroundings['needed'];
  readonly #posts: Readonly<Record<Program, Post>>;

  constructor(around: Surroundings) {
    this.#needed = around.needed;
    this.#posts = { releaser: new Post(around, 'releaser'), rotator: new Post(around, 'rotator') };
  }

  /** Holds a whole conversation with a program, alone. */
  talk<T>(
    program: Program,
    say: (conversation: Conversation) => Promise<T>,
    afterwards: Afterwards = 'ends',
  ): Promise<T> {
    return this.#posts[program].talk(say, afterwards);
  }

  /** Has stand ready whom the record says will be needed, and nobody else. Never throws. */
  look(): void {
    const needed = this.#needed();
    this.#posts.releaser.need(streamsAbout(needed.get('releaser')));
    this.#posts.rotator.need(streamsAbout(needed.get('rotator')));
  }

  /** Ends those that stand ready; after that, nobody is spoken to. */
  async stop(): Promise<void> {
    await Promise.all(Object.values(this.#posts).map((post) => post.stop()));
  }
}

function streamsAbout(about: AboutSoon | undefined): ReadonlySet<string> | undefined {
  if (about?.emergency !== undefined) return streamsOf(about.emergency, about.account);
  return about && new Set(['organisation', `account:${about.account}`]);
}

/** A program that was started before anybody asked it anything. */
interface Ready {
  readonly conversation: Conversation;
  readonly relief: NodeJS.Timeout;
  /** Whether it has started, and proven what it was shown; undefined before it was shown anything. */
  isWell: Promise<boolean> | undefined;
}

/** Where one program is spoken to. */
class Post {
  readonly #around: Surroundings;
  readonly #program: Program;
  /** One after the other: two at a time would each think the other's log had shrunk. */
  #queue: Promise<unknown> = Promise.resolve();
  /** Conversations that are held, or wait for their turn. */
  #busy = 0;
  #needed: ReadonlySet<string> | undefined;
  #ready: Ready | undefined;

  constructor(around: Surroundings, program: Program) {
    this.#around = around;
    this.#program = program;
  }

  talk<T>(say: (conversation: Conversation) => Promise<T>, afterwards: Afterwards): Promise<T> {
    return this.#alone(async () => {
      const conversation = (await this.#takeReady()) ?? this.#begin();
      // The next one starts meanwhile. It is shown nothing before this one has seen what it will.
      if (afterwards === 'is followed' && this.#needed !== undefined)
        this.#ready = this.#post(this.#begin());
      let stays = false;
      try {
        const said = await say(conversation);
        stays = afterwards === 'stays';
        return said;
      } finally {
        if (stays) this.#ready = this.#post(conversation, Promise.resolve(true));
        else await conversation.end();
      }
    });
  }

  /** @param streams what it will be asked about; undefined where nothing is */
  need(streams: ReadonlySet<string> | undefined): void {
    this.#needed = streams;
    if (this.#busy === 0) void this.#alone(this.#tend);
  }

  async stop(): Promise<void> {
    this.#needed = undefined;
    await this.#alone(this.#tend);
  }

  /** Takes its turn; whoever is the last for now leaves the post as it should be. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    const turn = this.#queue.then(work);
    this.#queue = turn
      .catch(() => undefined)
      .then(async () => {
        this.#busy -= 1;
        if (this.#busy === 0) await this.#tend();
      });
    return turn;
  }

  /** Somebody stands ready where somebody is needed, and nobody where not. Never throws: whoever speaks next is not held up. */
  readonly #tend = async (): Promise<void> => {
    const streams = this.#needed;
    try {
      if (streams === undefined) return await this.#dismiss();
      this.#ready ??= this.#post(this.#begin());
      this.#ready.isWell ??= this.#show(this.#ready.conversation, streams);
    } catch (cause) {
      this.#say(cause);
    }
  };

  #begin(): Conversation {
    const { whereIs, viewOf } = this.#around;
    return new Conversation(this.#program, whereIs(this.#program), viewOf);
  }

  #post(conversation: Conversation, isWell?: Promise<boolean>): Ready {
    const relieve = () => void this.#alone(() => this.#dismiss());
    const relief = setTimeout(relieve, WATCH - conversation.age);
    relief.unref();
    return { conversation, relief, isWell };
  }

  async #show(conversation: Conversation, streams: ReadonlySet<string>): Promise<boolean> {
    try {
      const view = await conversation.view(streams);
      await conversation.ask({ do: 'watch', view, streams: [...streams] });
      return true;
    } catch (cause) {
      this.#say(cause);
      return false;
    }
  }

  #say(cause: unknown): void {
    const code = cause instanceof HalliganError ? cause.code : 'failed unexpectedly';
    this.#around.log('error', this.#program, `${code}: it cannot stand ready`);
  }

  /** Whoever stands ready, if all is well with them; whoever does not is sent away. */
  async #takeReady(): Promise<Conversation | undefined> {
    const ready = this.#ready;
    if (ready === undefined) return undefined;
    const isWell = await (ready.isWell ?? true);
    if (!isWell || ready.conversation.isOver) {
      await this.#dismiss();
      return undefined;
    }
    clearTimeout(ready.relief);
    this.#ready = undefined;
    return ready.conversation;
  }

  async #dismiss(): Promise<void> {
    const ready = this.#ready;
    if (ready === undefined) return;
    this.#ready = undefined;
    clearTimeout(ready.relief);
    await ready.isWell;
    await ready.conversation.end();
  }
}
