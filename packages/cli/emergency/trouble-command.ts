import { HalliganError } from '@halligan/format';
import { SYMPTOMS, type Symptom, type WayOn, waysOn } from '@halligan/procedure';
import { look } from './find.ts';
import type { EmergencyGroup } from './group.ts';

/** `trouble`: what goes wrong, and the ways on from there. */
export function addTrouble({ context, add, done }: EmergencyGroup): void {
  add('trouble', 'something goes wrong: the ways on, for the emergency at hand')
    .argument('[symptom]', Object.keys(SYMPTOMS).join(', '))
    .option('--emergency <id>', 'beginning of its id; may be left out while only one is open')
    .action(async (symptom: string | undefined, asked: { emergency?: string }) => {
      if (symptom === undefined) {
        const list = Object.entries(SYMPTOMS).map(([id, says]) => ({ symptom: id, says }));
        done({ symptoms: list }, ...list.map((one) => `${one.symptom.padEnd(24)} ${one.says}`));
        return;
      }
      if (!isSymptom(symptom))
        throw new HalliganError(
          'cli.usage',
          `“${symptom}” is no trouble that is known here.`,
          `Known: ${Object.keys(SYMPTOMS).join(', ')}.`,
        );
      const device = await context.device();
      const { state, emergency } = await atHand(asked.emergency);
      const ways = waysOn(state, symptom, emergency, new Date().toISOString());
      done({ symptom, ways }, `${SYMPTOMS[symptom]}:`, ...ways.flatMap(linesOf));

      async function atHand(id: string | undefined) {
        try {
          const { proven, emergency: one } = await look(device, id);
          return { state: proven.state, emergency: one };
        } catch (error) {
          // None is open yet: the organisation alone is asked.
          if (
            !(error instanceof HalliganError) ||
            error.code !== 'server.emergency' ||
            id !== undefined
          )
            throw error;
          return { state: (await device.prove()).state, emergency: undefined };
        }
      }
    });
}

function isSymptom(text: string): text is Symptom {
  return Object.hasOwn(SYMPTOMS, text);
}

function linesOf({ what, command, open, from }: WayOn): readonly string[] {
  return [
    `  ${open ? '→' : '×'} ${what}${from === undefined ? '' : ` From ${from}.`}`,
    ...(command === undefined ? [] : [`      ${command}`]),
  ];
}
