import { digestOf, hex, type Json } from '@halligan/format';
import { formatBatch, formatReport, type Head, type Report, signBatch } from '@halligan/reports';
import { linkDigest, makeStatement, signStatement, subjectOf } from '@halligan/statement';
import { emptyRoot, generateNoteKey, type NoteSigner, noteSigner } from '@halligan/tlog';
import { z } from 'zod';
import type { Contoso, Person } from '../contoso.fixture.ts';

const AT = '2026-03-02T15:02:00.000Z';

/** A report of the kind that there is most of. */
export function signIn(user: string): string {
  return formatReport({
    ...{
      v: 'halligan/report/v1',
      at: AT,
      boot: '0f6e3d5c-7a4b-4c1d-9e2f-0a1b2c3d4e5f',
      up: 86_400_123,
    },
    ...{ kind: 'sign-in', user, service: 'login', method: 'password+totp' },
  });
}

/** The machine says that reports are missing. */
export function gap(lost: Extract<Report, { kind: 'gap' }>['lost']): string {
  return formatReport({ v: 'halligan/report/v1', at: AT, kind: 'gap', lost, why: 'disk-full' });
}

const answerSchema = z.object({
  size: z.int().optional(),
  recorded: z.int().optional(),
  checkpoint: z.string().nullable().optional(),
  frontier: z.array(z.string()).optional(),
  code: z.string().optional(),
});

/** What a server answered. */
export type ReportsAnswer = z.infer<typeof answerSchema> & { readonly status: number };

/** A machine as its agent is: a key, a journal, and what of it the server has. */
export class Machine {
  readonly id: string;
  readonly signer: NoteSigner;
  head: Head = { size: 0, frontier: [], checkpoint: null };

  private constructor(id: string, signer: NoteSigner) {
    this.id = id;
    this.signer = signer;
  }

  static async make(id: string): Promise<Machine> {
    const { signer } = await generateNoteKey(`localhost/contoso/machines/${id}`);
    return new Machine(id, await noteSigner(signer));
  }

  /** The same machine with the same key, as a copy of its disk would be. */
  copy(): Machine {
    const copy = new Machine(this.id, this.signer);
    copy.head = this.head;
    return copy;
  }

  /** The next batch, as bytes; its journal has grown by it then. */
  async batch(reports: readonly string[]): Promise<Uint8Array> {
    const { batch, head } = await signBatch(this.head, reports, this.signer);
    this.head = head;
    return formatBatch(batch);
  }

  /** Sends a batch; again, where the journal is not open yet: the server waits some seconds for it each time. */
  async send(url: string, body: Uint8Array): Promise<ReportsAnswer> {
    for (let time = 0; time < 24; time += 1) {
      const answer = await this.#send(url, body);
      if (answer.code !== 'reports.closed') return answer;
    }
    return this.#send(url, body);
  }

  async #send(url: string, body: Uint8Array): Promise<ReportsAnswer> {
    const response = await fetch(new URL(`/v1/machines/${this.id}/reports`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(body),
    });
    return { status: response.status, ...answerSchema.parse(await response.json()) };
  }
}

/** What an admin signs to enrol machines, set some up anew, or retire some: the body of a submission. */
export async function machinesEntry(
  { link }: Pick<Contoso, 'link'>,
  { card, signing }: Person,
  changes: object,
): Promise<{ readonly signed: readonly unknown[]; readonly document: Json }> {
  const list = { v: 'halligan/inventory/v1', add: 'machines', id: 'servers', ...changes };
  const document: Json = JSON.parse(JSON.stringify(list));
  const statement = makeStatement('attest', {
    ...{ roster: linkDigest(link), policy: null, journal: { size: 0, root: hex(emptyRoot()) } },
    ...{ origin: 'localhost/contoso', by: card.id, at: new Date().toISOString(), purpose: 'real' },
    subject: subjectOf('machines', 'servers'),
    what: 'inventory',
    digest: digestOf(document),
  });
  return { signed: [await signStatement(statement, signing)], document };
}

/** Machines, and the entry that enrols them. */
export async function enrolling(organisation: Pick<Contoso, 'link' | 'people'>, count: number) {
  const ids = Array.from({ length: count }, (_, at) => `web-${at + 1}`);
  const machines = await Promise.all(ids.map(Machine.make));
  const enrol = machines.map(({ id, signer }) => ({ id, log_key: signer.verifier }));
  return {
    machines,
    entry: await machinesEntry(organisation, organisation.people.dana, { enrol }),
  };
}
