/**
 * Finds where a webhook's Service leads (k8s.io/apiserver, util/proxy.ResolveCluster): its ClusterIP, or its external name.
 *
 * 1. No pod runs here, so nothing answers at a ClusterIP: such a connection is refused, as by a real Service without
 *    endpoints. A caller may give what stands behind one (`backends`).
 */
import type { Address } from '../../capture/event.ts';
import { listAt, textAt, valueAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { WebhookService } from './webhook.ts';

/** What answers in the place of a Service's pods: its namespace and name to an address of this machine. */
export type ServiceBackends = (namespace: string, name: string) => Address | undefined;

export type Resolved =
  | {
      /** As Go would dial it, for messages. */
      readonly named: Address;
      /** Undefined: nothing can answer there. */
      readonly to: Address | undefined;
    }
  | { readonly words: string };

export function resolveService(
  { namespace, name, port }: WebhookService,
  service: KubeObject | undefined,
  backends?: ServiceBackends,
): Resolved {
  if (!service) return { words: `service ${JSON.stringify(name)} not found` };
  const type = textAt(service, 'spec', 'type');
  if (type === 'ExternalName') {
    const at = { host: textAt(service, 'spec', 'externalName'), port };
    return { named: at, to: at };
  }
  const host = textAt(service, 'spec', 'clusterIP');
  if (host === 'None') return { words: 'cannot route to service with ClusterIP "None"' };
  if (!listAt(service, 'spec', 'ports').some((one) => valueAt(one, 'port') === port))
    return { words: `no service port ${port} found for service ${JSON.stringify(name)}` };
  return { named: { host, port }, to: backends?.(namespace, name) };
}
