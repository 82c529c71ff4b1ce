import assert from 'node:assert/strict';
import type { Conversation } from '@halligan/device';
import { Browser, hiddenFields } from './browser.fixture.ts';
import type { Account } from './openid-provider.fixture.ts';

/** What is done with a code on the second device: somebody signs in, or it is refused. */
export type Entered = Pick<Account, 'name' | 'password' | 'code'> | 'abort';

/** Somebody with a second device, whose browser trusts that authority. */
export function withPhone(ca: string, entered: Entered): Conversation {
  let shown = '';
  return {
    say: (line) => {
      shown = line;
    },
    ask: async () => {
      const [, url = '', code = ''] = /open (\S+), .* code (\S+)$/.exec(shown) ?? [];
      const browser = new Browser(ca);
      const fields = { ...hiddenFields(await browser.go(url)), user_code: code };
      const asked = await browser.go(url, fields);
      const answer = entered === 'abort' ? { abort: 'yes' } : { confirm: 'yes' };
      const signIn = await browser.go(url, { ...hiddenFields(asked), ...fields, ...answer });
      if (entered === 'abort') return new Uint8Array(0);
      const { name, password, code: factor } = entered;
      const form = { name, password, ...(factor === undefined ? {} : { code: factor }) };
      const done = await browser.go(signIn.url, form);
      assert.ok(done.status === 200 || done.status === 403, done.html);
      return new Uint8Array(0);
    },
  };
}
