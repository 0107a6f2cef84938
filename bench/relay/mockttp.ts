/** mockttp as a reverse proxy, as its README starts it: mockttp.js LISTEN-PORT TARGET-PORT NODE-MODULES-FOLDER. */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** What is used of it. */
interface Mockttp {
  readonly getLocal: () => {
    readonly forAnyRequest: () => { readonly thenForwardTo: (url: string) => Promise<unknown> };
    readonly start: (port: number) => Promise<void>;
  };
}

const [listen = '0', target = '0', folder = ''] = process.argv.slice(2);
const { getLocal } = createRequire(resolve(folder, 'any.js'))('mockttp') as Mockttp;
const server = getLocal();
await server.start(Number(listen));
await server.forAnyRequest().thenForwardTo(`http://127.0.0.1:${target}`);
