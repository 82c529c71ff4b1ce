import { type Block, type Content, code, type TimedLine } from '@halligan/document';
import type { Emergency, HalliganEvent, State } from '@halligan/procedure';
import { streamOf } from '@halligan/procedure';
import { listed } from './claim.ts';
import {
  clock,
  fact,
  factOf,
  facts,
  person,
  quoted,
  section,
  type Texts,
  time,
} from './report-parts.ts';
import type { Group } from './transcript.ts';
import { failing } from './what-was-on-paper.ts';

/** What people found at the place of an envelope, and who signed its outside. */
export function envelopes(state: State, emergency: Emergency, texts: Texts): readonly Block[] {
  return emergency.retrievals.map(({ serial, place, reached, opened, returned, rehearsed }) => {
    const photos = (opened?.photos ?? returned?.photos ?? []).map((one) => quoted(texts, one));
    return facts([
      fact(
        'Envelope serial',
        code(serial),
        ` at ${place}${rehearsed === true ? '; in the drill, before it became real' : ''}`,
      ),
      factOf('Reached by', reached.arrived.map(signature(state))),
      ...(opened === undefined
        ? []
        : [
            fact('Found', 'intact: every check held'),
            factOf('Signed on the outside by', opened.signed.map(signature(state))),
            fact('Storage opened', `${opened.access.method}: ${opened.access.by.join(', ')}`),
            fact('Envelope opened', time(opened.opened), `, version ${opened.version}`),
          ]),
      ...(returned === undefined
        ? []
        : [
            fact('Put back unopened', time(returned.returned)),
            fact('Found', `not intact: ${failing(returned.checks)}`),
          ]),
      ...(photos.length === 0 ? [] : [factOf('Photographs', photos)]),
    ]);
  });
}

/** Every envelope of the account, from its sealing to its destruction, in the order of the record. */
export function envelopeHistory(
  { account }: Emergency,
  groups: readonly Group[],
): readonly Block[] {
  const stream = `account:${account}`;
  const lines = groups
    .flatMap(({ events }) => events)
    .filter((event) => streamOf(event) === stream)
    .flatMap((event): readonly TimedLine[] => {
      const content = told(event);
      return content === undefined ? [] : [{ content }];
    });
  return lines.length === 0 ? [] : section('Envelopes of this account', { type: 'lines', lines });
}

/** One step of an envelope, with who signed for it; nothing where it is none. */
function told(event: HalliganEvent): Content | undefined {
  const say = (at: string, serial: string, what: string, by: readonly string[]): Content => [
    time(at),
    ' - ',
    code(serial),
    ` ${what} (${listed(by)})`,
  ];
  switch (event.type) {
    case 'EnvelopeRegistered': {
      const { serial, version, place, tamperEvident, signed } = event.data;
      const at = signed.at(-1)?.at ?? event.at;
      const kinds = [...new Set(event.data.contains.map(({ what }) => what))].join(', ');
      return say(
        at,
        serial,
        `sealed with ${kinds} of version ${version}, at ${place}, ${tamperEvident}`,
        signed.map(({ by }) => by),
      );
    }
    case 'EnvelopeMoved': {
      const { placed, serial, from, to, taken, by } = event.data;
      return [
        time(placed),
        ' - ',
        code(serial),
        ` moved from ${from} to ${to}, taken `,
        clock(taken, placed),
        ` (${listed(by)})`,
      ];
    }
    case 'EnvelopeInspected':
      return say(event.data.inspected, event.data.serial, 'inspected: intact', event.data.by);
    case 'EnvelopeTampered': {
      const { inspected, serial, checks, by } = event.data;
      return say(inspected, serial, `NOT INTACT: ${failing(checks)}; left unopened`, by);
    }
    case 'EnvelopeUnsealed': {
      const { opened, serial, during, by } = event.data;
      return say(opened, serial, `opened in emergency ${during.slice(0, 12)}`, by);
    }
    case 'EnvelopeDestroyed': {
      const { destroyed, serial, paper, files, by } = event.data;
      return say(destroyed, serial, `destroyed: paper ${paper}, files ${files}`, by);
    }
    default:
      return undefined;
  }
}

function signature(state: State) {
  return ({ by, at }: { readonly by: string; readonly at: string }): Content => [
    ...person(state, by),
    ', ',
    time(at),
  ];
}
