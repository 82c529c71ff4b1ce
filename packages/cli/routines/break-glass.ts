import type { Block } from '@halligan/document';
import { type Account, timerOf } from '@halligan/procedure';
import {
  accountTable,
  facts,
  heading,
  liveAccounts,
  type Organisation,
  pathFacts,
  placeFacts,
  steps,
  timerFacts,
} from './routine.ts';

/** Routine 2: which account for what, where its credential lies, how it is opened and made safe again. */
export function breakGlass(one: Organisation): readonly Block[] {
  const live = liveAccounts(one);
  const of = (kind: Account['document']['kind']) =>
    live.filter(({ document }) => document.kind === kind);
  const { policy, state } = one;
  const systems = Object.values(state.systems);
  const hybrid = systems.filter(
    ({ id, depends_on = [] }) =>
      depends_on.length > 0 || systems.some((other) => other.depends_on?.includes(id) === true),
  );
  return [
    heading('Which account'),
    {
      type: 'paragraph',
      content: [
        'By what you see: halligan account find WORDS --without SYSTEM. Those that work without the system that is down come first.',
      ],
    },
    heading('Cloud'),
    ...accountTable(one, of('cloud-only')),
    heading('On premises'),
    ...accountTable(one, of('on-premises')),
    heading('Hybrid'),
    hybrid.length === 0
      ? { type: 'paragraph', content: ['No system depends on another.'] }
      : {
          type: 'list',
          items: hybrid.map(({ id, depends_on = [] }) => [
            depends_on.length === 0
              ? `${id}: others depend on it; recover it first.`
              : `${id}: does not sign in without ${depends_on.join(', ')}; use an account that does.`,
          ]),
        },
    heading('Local and operational technology (OT)'),
    ...accountTable(one, of('local')),
    heading('Kind not said'),
    ...accountTable(one, of(undefined)),
    heading('Where'),
    ...(Object.keys(state.places).length === 0
      ? [
          {
            type: 'paragraph',
            content: ['No envelopes are kept: shares lie with their holders, and in the kit.'],
          } as const,
        ]
      : [facts(...placeFacts(one))]),
    heading('Who opens'),
    facts(...pathFacts(one)),
    heading('How'),
    steps(
      'Declare and authorise as in the routine for emergency access.',
      `Open: halligan emergency open; the window is ${timerOf(policy, 'opening_window')}. Without the server: halligan kit open KIT, and pass text by hand.`,
      'By envelope: two people, both sign; looked at before it is opened; halligan envelope arrive, open.',
      'The credential is shown once, on the requester’s terminal: halligan emergency reveal.',
      `Work, note, log out, end: at most ${timerOf(policy, 'session')}.`,
      `Reset within ${timerOf(policy, 'reset')}; the opened envelope is destroyed by two people, a new one sealed.`,
    ),
    heading('By when'),
    facts(
      ...timerFacts(one, {
        opening_window: 'An opening waits for shares for',
        session: 'A session lasts at most',
        reset: 'What was revealed is reset within',
        envelope_inspection: 'Two people look at each envelope every',
        credential_rotation: 'An unused credential is rotated every',
      }),
    ),
  ];
}
