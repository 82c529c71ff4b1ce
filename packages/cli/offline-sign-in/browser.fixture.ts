import type { IncomingMessage } from 'node:http';
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
    const { location, ...page } = await this.#send(
      url,
      form === undefined ? 'GET' : 'POST',
      form && {
        type: 'application/x-www-form-urlencoded',
        body: new URLSearchParams(form).toString(),
      },
    );
    return location === undefined ? page : this.go(new URL(location, url).href);
  }

  /** Goes there, and no further. */
  ask(url: string): Promise<Page> {
    return this.#send(url, 'GET');
  }

  /** Sends JSON, as the script of a page does. */
  tell(url: string, json: object, method: 'POST' | 'PUT' = 'POST'): Promise<Page> {
    return this.#send(url, method, { type: 'application/json', body: JSON.stringify(json) });
  }

  async #send(
    url: string,
    method: string,
    content?: { readonly type: string; readonly body: string },
  ): Promise<Page & { readonly location?: string }> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const type = content === undefined ? {} : { 'content-type': content.type };
      const options = { ca: this.#ca, agent: false, method, headers: { cookie, ...type } };
      const sent = request(url, options);
      sent.on('response', resolve);
      sent.on('error', reject);
      sent.end(content?.body);
    });
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const { location } = response.headers;
    return {
      ...{ url, status: response.statusCode ?? 0, html: await text(response) },
      ...(location === undefined ? {} : { location }),
    };
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
