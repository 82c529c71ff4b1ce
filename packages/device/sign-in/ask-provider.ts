import type { Conversation } from '../conversation/conversation.ts';
import type { ProviderAnswer } from '../provider/provider.ts';
import type { Case } from './case.ts';

/** How long a provider may think before it says or asks anything: an outage is noticed at the sign-in that meets it. */
const PATIENCE = 5000;
/** How long a person is waited for who was shown a code, or asked something. */
const PATIENCE_WITH_PEOPLE = 300_000;

/**
 * What the provider says; `unreachable` where it is silent too long, whatever it does with the signal. A person who is
 * silent too long is no outage: their sign-in stays unfinished.
 */
export async function askProvider({ desk, attempt, conversation }: Case): Promise<ProviderAnswer> {
  const patience = new AbortController();
  const end = () => patience.abort();
  let timer = setTimeout(end, PATIENCE);
  let isWithPerson = false;
  const meetsPerson = () => {
    if (isWithPerson) return;
    isWithPerson = true;
    clearTimeout(timer);
    timer = setTimeout(end, PATIENCE_WITH_PEOPLE);
  };
  const watched: Conversation = {
    say: (text) => {
      meetsPerson();
      conversation.say(text);
    },
    ask: (prompt, isHidden) => {
      meetsPerson();
      return conversation.ask(prompt, isHidden);
    },
  };
  const { promise: silence, resolve } = Promise.withResolvers<ProviderAnswer>();
  patience.signal.addEventListener('abort', () =>
    resolve({ answer: isWithPerson ? 'unfinished' : 'unreachable' }),
  );
  try {
    return await Promise.race([
      desk.provider.signIn(attempt.name, attempt.password, watched, patience.signal),
      silence,
    ]);
  } finally {
    clearTimeout(timer);
    patience.abort();
  }
}
