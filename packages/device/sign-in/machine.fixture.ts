import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import {
  Charges,
  type Configuration,
  type Conversation,
  DEFAULTS,
  type Desk,
  type KeyTools,
  Memory,
  NO_CONVERSATION,
  openStore,
  openWindow,
  type ProviderAnswer,
  type SignIn,
  type Store,
  sealedStore,
  signIn,
  timeOf,
  type UserKind,
} from '../index.ts';
import type { Happening } from '../record/happening.ts';

export const ON: Configuration = { ...DEFAULTS, enabled: true };
export const PASSWORD = 'correct horse';

/** A machine, its provider, and somebody in front of it. */
export class Machine implements Desk {
  configuration: Configuration;
  isReachable = true;
  isDisabled = false;
  isSecondFactorDone = true;
  /** In place of any other answer. */
  answer: ProviderAnswer | undefined;
  password = PASSWORD;
  kind: UserKind = 'mfa';
  wall = 1_000_000;
  uptime = 50;
  boot = 'a';
  /** What the provider was asked. */
  asked = 0;
  /** Whom the provider asks for another factor. */
  asks: string | undefined;
  /** Whether the provider takes a question and never answers. */
  isSilent = false;
  readonly #asked = Promise.withResolvers<void>();
  memory: Memory;
  readonly folder: string;
  #store: Store | undefined;
  /** How often the disk takes something yet. */
  writesLeft = Number.POSITIVE_INFINITY;
  readonly charges = new Charges();
  /** What went on its record, besides sign-ins. */
  readonly recorded: Happening[] = [];
  readonly record = async (happening: Happening) => void this.recorded.push(happening);
  tools: KeyTools = { assert: '/nowhere/fido2-assert', token: '/nowhere/fido2-token' };
  groups: readonly string[] = [];
  readonly groupsOf = async () => this.groups;
  readonly key = new Uint8Array(32).fill(1);
  readonly cost = { memory: 64, passes: 1, parallelism: 1 };
  readonly provider = {
    probe: async () => this.isReachable,
    signIn: async (name: string, password: Uint8Array, conversation: Conversation) => {
      this.#asked.resolve();
      if (this.isSilent) return new Promise<never>(() => undefined);
      if (name === this.asks) await conversation.ask('Another factor: ', true);
      return this.#answer(name, utf8Text(password));
    },
  };

  constructor(context: TestContext, configuration = ON) {
    this.configuration = configuration;
    this.folder = mkdtempSync(join(tmpdir(), 'halligan-device-'));
    this.memory = this.#start();
    context.after(() => {
      this.#store?.close();
      rmSync(this.folder, { recursive: true });
    });
  }

  /** Stops it, lets somebody at its files, and starts it again. @throws what starting does */
  restart(meanwhile: (file: string) => void = () => undefined) {
    this.#store?.close();
    this.#store = undefined;
    meanwhile(join(this.folder, 'device.db'));
    this.memory = this.#start();
  }

  #start(): Memory {
    const store = openStore(this.folder);
    this.#store = store;
    const put = (values: Parameters<Store['put']>[0]) => {
      if (this.writesLeft === 0)
        throw new HalliganError('device.store', 'The disk is full.', 'No.');
      this.writesLeft -= 1;
      store.put(values);
    };
    return new Memory(sealedStore({ ...store, put }, this.key));
  }

  readonly read = () => {
    return { wall: this.wall, boot: this.boot, uptime: this.uptime };
  };

  readonly random = (size: number) => crypto.getRandomValues(new Uint8Array(size));

  /** Once the provider was asked anything. */
  get wasAsked(): Promise<void> {
    return this.#asked.promise;
  }

  pass(seconds: number) {
    this.wall += seconds;
    this.uptime += seconds;
  }

  open() {
    const wish = { ttlSeconds: undefined, by: 'root', why: 'It is down.' };
    const window = openWindow(this.configuration, this.memory.window(), wish, false, timeOf(this));
    assert.ok(!('refused' in window));
    this.memory.change({ window });
  }

  async try(
    password = PASSWORD,
    { name = 'ana', from = 'local' }: { name?: string; from?: 'local' | 'remote' } = {},
  ): Promise<SignIn> {
    return signIn(
      this,
      { name, service: 'login', from, password: utf8(password) },
      NO_CONVERSATION,
    );
  }

  #answer(name: string, password: string): ProviderAnswer {
    if (!this.isReachable) return { answer: 'unreachable' };
    this.asked += 1;
    if (this.answer !== undefined) return this.answer;
    if (this.isDisabled) return { answer: 'disabled' };
    const [id = ''] = name.toLowerCase().split('@');
    if (!['ana', 'ben'].includes(id) || password !== this.password) return { answer: 'wrong' };
    if (!this.isSecondFactorDone) return { answer: 'unfinished' };
    return { answer: 'signed-in', subject: `id-of-${id}`, kind: this.kind, keep: true };
  }
}

export function why(outcome: SignIn): string {
  return outcome.let === 'out' ? outcome.why : assert.fail('was let in');
}
