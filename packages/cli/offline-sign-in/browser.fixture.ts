import { request } from 'node:https';
import { text } from 'node:stream/consumers';

/** As much of a browser as signing in takes: cookies, redirects, and forms that it fills in. */
export class Browser {
  readonly #ca: string;
  readonly #cookies = new Map<string, string>();

  constructor(ca: string) {
    this.#ca = ca;
  }

  /** Goes there, or sends a form there, and follows where it is sent. */
  async go(url: string, form?: Readonly<Record<string, string>>): Promise<Page> {
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      const sent = request(url, {
        ca: this.#ca,
        agent: false,
        method: form === undefined ? 'GET' : 'POST',
        headers: {
          cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
      });
      sent.on('response', resolve);
      sent.on('error', reject);
      sent.end(form === undefined ? undefined : new URLSearchParams(form).toString());
    });
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const page = { url, status: response.statusCode ?? 0, html: await text(response) };
    const { location } = response.headers;
    return location === undefined ? page : this.go(new URL(location, url).href);
  }
}

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

/** What the hidden fields of a page hold. */
export function hiddenFields({ html }: Page): Record<string, string> {
  const inputs = html.match(/<input[^>]*type="hidden"[^>]*>/g) ?? [];
  return Object.fromEntries(
    inputs.map((input) => {
      const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(input)?.[1] ?? '';
      return [of('name'), of('value')];
    }),
  );
}
