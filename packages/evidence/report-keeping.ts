import { type Block, type Content, code } from '@halligan/document';
import { type Emergency, keptUntil, type State } from '@halligan/procedure';
import { fact, factOf, facts, person, quoted, section, type Texts, time } from './report-parts.ts';

/** Until when the record is kept, what holds it, and whether its texts were erased: by whom, when, on what ground. */
export function keeping(state: State, emergency: Emergency, texts: Texts): readonly Block[] {
  const until = keptUntil(state, emergency);
  const retention = state.policies[emergency.policy]?.timers.retention;
  const { holds = [], erasure } = emergency.keeping ?? {};
  return section(
    'Keeping of this record',
    facts([
      until === undefined
        ? fact('Kept until', `${retention ?? 'not known'} after it is closed`)
        : fact('Kept until', time(until), ` (${retention} after it was closed)`),
      factOf(
        'Legal holds',
        holds.map(
          ({ by, at, reason, lifted }): Content => [
            `placed by ${by.join(' and ')}, `,
            time(at),
            ': ',
            ...quoted(texts, reason),
            ...(lifted === undefined
              ? [' (in force)']
              : [
                  ` Lifted by ${lifted.by.join(' and ')}, `,
                  time(lifted.at),
                  ': ',
                  ...quoted(texts, lifted.reason),
                ]),
          ],
        ),
      ),
      ...(erasure === undefined
        ? []
        : [
            factOf('Erasure of its texts', [
              [
                `ordered by ${erasure.by.join(' and ')}, `,
                time(erasure.at),
                `: ${erasure.ground}`,
                ...(erasure.reference === undefined ? [] : [', ', code(erasure.reference)]),
              ],
              erasure.done === undefined
                ? ['not done yet']
                : [`${erasure.done.blobs} texts and files erased, `, time(erasure.done.at)],
            ]),
          ]),
    ]),
  );
}

/** What people found at the place of an envelope, and who signed its outside. */
export function envelopes(state: State, emergency: Emergency, texts: Texts): readonly Block[] {
  return emergency.retrievals.map(({ serial, place, reached, opened, returned }) => {
    const photos = (opened?.photos ?? returned?.photos ?? []).map((one) => quoted(texts, one));
    return facts([
      fact('Envelope serial', code(serial), ` at ${place}`),
      factOf('Reached by', reached.arrived.map(signature(state))),
      ...(opened === undefined
        ? []
        : [
            factOf('Signed on the outside by', opened.signed.map(signature(state))),
            fact('Storage opened', `${opened.access.method}: ${opened.access.by.join(', ')}`),
            fact('Envelope opened', time(opened.opened), `, version ${opened.version}`),
          ]),
      ...(returned === undefined
        ? []
        : [
            fact(
              'Put back unopened',
              time(returned.returned),
              `: ${
                Object.entries(returned.checks)
                  .filter(([, held]) => held === false)
                  .map(([check]) => `not ${check}`)
                  .join(', ') || 'intact'
              }`,
            ),
          ]),
      ...(photos.length === 0 ? [] : [factOf('Photographs', photos)]),
    ]);
  });
}

function signature(state: State) {
  return ({ by, at }: { readonly by: string; readonly at: string }): Content => [
    ...person(state, by),
    ', ',
    time(at),
  ];
}
