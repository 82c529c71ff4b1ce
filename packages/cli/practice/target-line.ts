import type { Json } from '@halligan/format';

/** Where a system listens, for whoever is to stand between. */
export interface TargetLine {
  readonly host: string;
  readonly port: number;
  /** The driver's settings by another port of the same address: its certificate or host key stays good. */
  readonly by: (port: number) => Json;
}

/** A system whose settings name it by a URL. @param usual port of its kind, where the URL names none */
export function byUrl(config: { readonly url: string }, usual: number): TargetLine {
  const { hostname, port } = new URL(config.url);
  return {
    host: hostname,
    port: Number(port || usual),
    by: (other) => {
      const url = new URL(config.url);
      url.port = String(other);
      return { ...config, url: url.href } as unknown as Json;
    },
  };
}

/** A system whose settings name host and port. */
export function byPort(config: { readonly host: string; readonly port: number }): TargetLine {
  return {
    host: config.host,
    port: config.port,
    by: (port) => ({ ...config, port }) as unknown as Json,
  };
}
