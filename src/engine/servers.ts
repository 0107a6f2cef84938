/** How each kind of server is started from what was planned of it: one line a kind. What it answers is its actor's. */
import { startLoginServer } from '../features/login/server.ts';
import type { Address } from '../capture/event.ts';
import type { AcceptOptions } from '../wire/endpoint.ts';
import type { PlannedServer } from './plan.ts';
import type { ServerKindName } from './server-kinds.ts';
import type { RunningServer, RunOptions } from './run-context.ts';

/**
 * @param accept where it listens, what it shows and whom it trusts, as the file says
 * @param addresses where the others listen, as far as they have started: to be asked when somebody comes, not before
 */
type StartServer = (
  server: PlannedServer,
  options: RunOptions,
  accept: AcceptOptions,
  addresses: ReadonlyMap<string, Address>,
) => Promise<RunningServer>;

/** What only one kind of scenario needs is imported when it starts. */
export const starters: Readonly<Record<ServerKindName, StartServer>> = {
  'login-server': async ({ accounts: admitted, host }, { plan, random }, accept) =>
    startLoginServer({
      accept,
      host,
      accounts: plan.accounts.filter(({ name }) => admitted === undefined || admitted.includes(name)),
      random,
    }),
  'certificate-authority': async (server, options, accept, addresses) =>
    (await import('../features/enrol/start-authority.ts')).startAuthority(server, options, accept, addresses),
  website: async (_server, _options, accept) =>
    (await import('../features/pages/website.ts')).startWebsite({ accept }),
  'toy-login-server': async ({ accounts: admitted }, { plan, random }, accept) => {
    const { startToyServer } = await import('../features/toy/server.ts');
    return startToyServer({
      accept,
      accounts: plan.accounts.filter(({ name }) => admitted === undefined || admitted.includes(name)),
      random,
    });
  },
  'redirect-site': async ({ host, redirectSite, accounts: admitted }, { plan, random }, accept) =>
    (await import('../features/visit/redirect-site.ts')).startRedirectSite({
      ...redirectSite,
      accept,
      host,
      accounts: plan.accounts.filter(({ name }) => admitted === undefined || admitted.includes(name)),
      random,
    }),
  'page-site': async ({ pageSite }, { random }, accept) =>
    (await import('../features/pages/page-site.ts')).startPageSite({ ...pageSite, accept, random }),
  'login-sites': async (server, options, accept) =>
    (await import('../features/login/login-sites.ts')).startLoginSites(server, options, accept),
  impostor: async (_server, { random }, accept) =>
    (await import('../features/impostor/impostor-site.ts')).startImpostor({ accept, random }),
  'impostor-kubelet': async ({ log = '' }, _options, accept) =>
    (await import('../features/kubectl/impostor-kubelet.ts')).startImpostorKubelet({
      accept,
      log: `${log}\n`,
    }),
  'kube-apiserver': async (server, options, accept, addresses) =>
    (await import('../features/kubectl/start-kube.ts')).startKube(server, options, accept, addresses),
  etcd: async (server, options, accept) =>
    (await import('../features/etcdctl/start-etcd.ts')).startEtcd(server, options, accept),
  resolver: async (_server, _options, accept) =>
    (await import('../features/look-up/resolver.ts')).startResolver(accept),
};
