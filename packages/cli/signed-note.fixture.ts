import { textAttachment } from '@halligan/statement';
import type { LiveOpening } from './live-opening.fixture.ts';

/** A note of somebody's about what they saw, as their device hands it in. */
export async function signedNote(scene: LiveOpening, person: string, words: string) {
  const { emergency, account } = scene;
  const device = await scene.device(person);
  const proven = await device.prove({ emergency, account });
  const text = textAttachment(words);
  const signed = await device.sign(proven, 'note', {
    subject: emergency,
    purpose: 'drill',
    about: 'observation',
    occurred: new Date().toISOString(),
    text: text.digest,
  });
  return { signed: [signed], attachments: [text] };
}
