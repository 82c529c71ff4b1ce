import { type Block, type Content, code } from '@halligan/document';
import { type Emergency, keptUntil, type State } from '@halligan/procedure';
import { fact, factOf, facts, quoted, section, type Texts, time } from './report-parts.ts';

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
