import { entryOf } from '@halligan/evidence';
import { base64, fromBase64, HalliganError, hex, sha256, utf8Text } from '@halligan/format';
import { allEmergencies, emergencyById } from '@halligan/procedure';
import { packSeal } from '@halligan/seal';
import { attachmentSchema } from '@halligan/statement';
import { z } from 'zod';
import type { Connection } from '../api.ts';
import { jsonOf } from '../person-home.ts';
import type { KitDesk } from './kit-desk.ts';

const submission = z.object({
  signed: z.array(z.unknown()).min(1).max(4),
  attachments: z.array(attachmentSchema).max(64).default([]),
  ciphertexts: z.array(z.string()).max(4).default([]),
});

/**
 * What a device speaks to where the server is gone: the kit and what was said from it answer what a server would,
 * as far as an emergency needs it, to the device that proved both. Nothing leaves this machine.
 */
export class KitConnection implements Connection {
  readonly isSignedIn = true;
  readonly #desk: KitDesk;

  constructor(desk: KitDesk) {
    this.#desk = desk;
  }

  signedIn(): void {}

  async get(path: string): Promise<unknown> {
    const [, what = '', id = '', part = '', last = ''] =
      /^\/v1\/([a-z-]+)(?:\/([^/?]+))?(?:\/([^/?]+))?(?:\/([^/?]+))?$/.exec(path) ?? [];
    if (what === 'emergencies' && id === '') return this.#emergencies();
    if (what === 'accounts' && id === '') return this.#accounts();
    if (what === 'systems') return this.#system(id);
    if (what === 'emergencies' && part === 'openings') return this.#opening(id, last);
    if (what === 'emergencies' && part === 'attachments') return this.#attachment(last);
    throw needsServer();
  }

  async post(path: string, body?: unknown): Promise<unknown> {
    const parsed = submission.safeParse(body);
    if (path !== '/v1/statements' || !parsed.success) throw needsServer();
    const record = await this.#desk.record();
    await this.#desk.add(entryOf(parsed.data, record));
    return { offline: true };
  }

  async bytes(): Promise<Buffer> {
    throw needsServer();
  }

  /** What others do arrives by hand: there is nothing to wait for. */
  async *sizes(): AsyncGenerator<number> {
    yield (await this.#desk.record()).entries.length;
  }

  async #emergencies(): Promise<unknown> {
    const { state } = await this.#desk.fold();
    const emergencies = allEmergencies(state).map(
      ({ id, account, drill, requester, at, closed, aborted, ended }) => ({
        id,
        account,
        drill,
        requester,
        at,
        ended: ended?.at,
        aborted: aborted?.at,
        closed: closed?.at,
      }),
    );
    return { emergencies };
  }

  async #accounts(): Promise<unknown> {
    const { state } = await this.#desk.fold();
    return {
      accounts: Object.values(state.accounts).map(({ document, state: standing, current }) => ({
        ...document,
        state: standing,
        current,
      })),
    };
  }

  async #system(id: string): Promise<unknown> {
    const bytes = (await this.#desk.kit()).kit.files.get(`systems/${id}.json`);
    if (bytes === undefined) throw needsServer();
    return { config: jsonOf(utf8Text(bytes)) };
  }

  async #opening(emergency: string, request: string): Promise<unknown> {
    const { state } = await this.#desk.fold();
    const { seals } = await this.#desk.kit();
    const opening = emergencyById(state, emergency)?.openings.find(
      (one) => one.request === request,
    );
    const seal = opening && seals.get(`${opening.account}/${opening.version}`);
    if (opening === undefined || seal === undefined) throw needsServer();
    const ciphertexts = new Map(
      (await this.#desk.record()).entries
        .flatMap((entry) => entry.ciphertexts)
        .map((text) => [hex(sha256(fromBase64(text))), text]),
    );
    const released = opening.releases.flatMap(({ path, group, holder, ciphertext }) => {
      const text = ciphertexts.get(ciphertext);
      return text === undefined ? [] : [{ path, group, holder, ciphertext: text }];
    });
    return { seal: base64(packSeal(seal)), released };
  }

  async #attachment(digest: string): Promise<unknown> {
    const { entries } = await this.#desk.record();
    const found = entries
      .flatMap(({ attachments }) => attachments)
      .find((one) => one.digest === digest);
    if (found === undefined)
      throw new HalliganError(
        'server.not-found',
        'There is no such text or file.',
        'See halligan emergency show.',
      );
    return found;
  }
}

function needsServer(): HalliganError {
  return new HalliganError(
    'kit.needs-server',
    'You work from a kit, without the server, and this needs the server.',
    'Do it when the server is back: halligan kit merge ends the work from the kit.',
  );
}
