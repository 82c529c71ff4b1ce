import type { IncomingMessage } from 'node:http';
import { HalliganError } from '@halligan/format';
import { machineOf } from '@halligan/procedure';
import { MAX_BATCH_BYTES, readBatchHeader, requireSigned } from '@halligan/reports';
import { z } from 'zod';
import { notEnrolled, retired } from '../../reports/refusals.ts';
import { RateExceeded } from '../rate.ts';
import type { Reception } from '../reception.ts';
import { type Route, route } from '../route.ts';
import { base64Field, idField, instantField } from './fields.ts';

/** Who may read what machines report: it names people. */
const AUDIT = ['auditor', 'security', 'admin'] as const;
const ofMachine = z.strictObject({ machine: idField });
/** Batches of one machine that come in at once. */
const AT_ONCE = 2;

const knownField = z.object({
  machine: idField,
  logKey: z.string(),
  size: z.int(),
  received: instantField.nullable(),
  gaps: z.int(),
  lost: z.int(),
});

/** What machines report of themselves. */
export function machineRoutes({ parts, reports, crowd, forged }: Reception): readonly Route[] {
  const { leader } = parts;
  const underWay = new Map<string, number>();
  return [
    route({
      method: 'POST',
      path: '/v1/machines/{machine}/reports',
      summary:
        'Takes in consecutive reports of a machine, under its signed checkpoint; answers how many are durable.',
      who: 'machine',
      params: ofMachine,
      takesBytes: true,
      answers: {
        status: 201,
        body: z.object({
          size: z.int(),
          recorded: z.int(),
          checkpoint: z.string().nullable(),
          frontier: z.array(base64Field).readonly(),
        }),
      },
      handle: async ({ params: { machine: id } }, request) => {
        const machine = machineOf(leader.state, id);
        if (machine === undefined) throw notEnrolled();
        const { logKey } = machine;
        const busy = underWay.get(id) ?? 0;
        if (busy >= AT_ONCE) throw new RateExceeded(1);
        underWay.set(id, busy + 1);
        const coming = new Coming(request.raw);
        try {
          const header = readBatchHeader(await coming.firstLine());
          const said = await requireSigned(header.checkpoint, logKey).catch((cause) => {
            forged(request);
            throw cause;
          });
          if (machine.retired !== undefined) throw retired();
          crowd.isOf(request.raw.socket, `machine ${id}`);
          const body = await coming.whole();
          const at = leader.now();
          const { head, recorded } = await reports.take({
            ...{ machine: id, logKey, header, said, body, at },
          });
          const { size, checkpoint, frontier } = head;
          return { size, recorded, checkpoint, frontier };
        } finally {
          coming.letGo();
          const left = (underWay.get(id) ?? 1) - 1;
          if (left === 0) underWay.delete(id);
          else underWay.set(id, left);
        }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/machines',
      summary: 'How many reports of each machine’s journal are here, and what is missing of them.',
      who: AUDIT,
      answers: { status: 200, body: z.object({ journals: z.array(knownField).readonly() }) },
      handle: async () => ({ journals: await reports.known() }),
    }),
    route({
      method: 'GET',
      path: '/v1/machines/{machine}/reports',
      summary: 'Reports of a machine from one on, with what proves them.',
      who: AUDIT,
      params: ofMachine,
      query: z.strictObject({
        from: z.coerce.number().int().min(0).default(0),
        /** Of a journal that was replaced; the machine’s present one where nothing is said. */
        key: z.string().max(500).optional(),
      }),
      answers: { status: 200, body: z.looseObject({ machine: idField, size: z.int() }) },
      handle: async ({ params: { machine: id }, query: { from, key } }) => {
        const machine = machineOf(leader.state, id);
        if (machine === undefined)
          throw new HalliganError(
            'server.not-found',
            'There is no such machine.',
            'See halligan machine list.',
          );
        return { ...(await reports.view(id, key ?? machine.logKey, from)) };
      },
    }),
  ];
}

/**
 * A body as it comes in: its first line before anything else, so that who cannot sign is held to that; then all of it.
 * Whoever sends it is the adversary: bounded in each step.
 */
class Coming {
  readonly #request: IncomingMessage;
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer[] = [];
  #size = 0;

  constructor(request: IncomingMessage) {
    this.#request = request;
    // Not closed with what is refused in the middle: the sender is to hear why.
    this.#chunks = request.iterator({ destroyOnReturn: false });
  }

  /** What comes after this is read by nobody. */
  letGo(): void {
    void this.#chunks.return?.();
    this.#held = [];
    this.#request.resume();
  }

  /** What has come when the first line has, or when no more comes. */
  async firstLine(): Promise<Uint8Array> {
    while (this.#held.at(-1)?.includes(0x0a) !== true && this.#size < 8192)
      if (!(await this.#more())) break;
    return Buffer.concat(this.#held);
  }

  /** @throws `server.too-large` */
  async whole(): Promise<Uint8Array> {
    while (await this.#more());
    // In memory of its own, which is given to another thread.
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#held) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done === true) return false;
    this.#held.push(value);
    this.#size += value.length;
    if (this.#size > MAX_BATCH_BYTES)
      throw new HalliganError(
        'server.too-large',
        `This batch has more than ${MAX_BATCH_BYTES} bytes.`,
        'Send fewer reports at once.',
      );
    return true;
  }
}
