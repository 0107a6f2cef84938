/** What a tap is started with. */
import type { Address } from '../../../capture/event.ts';
import type { PluginCredentials } from '../../../kube/kubectl/exec-plugin.ts';
import type { UserConfig } from '../../../kube/kubectl/user-config.ts';
import type { Yaml } from '../../../pki/kubeadm/kubeconfig.ts';
import type { Identity } from '../../../wire/endpoint.ts';
import type { TapTarget } from './target.ts';

export interface TapSettings {
  readonly config: UserConfig;
  readonly listen: Address;
  /** Reads the configuration again. @throws UserError */
  readonly read: (context: string) => UserConfig;
  /** Where the configuration for kubectl is written. */
  readonly file: string;
  readonly version: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly yaml: Yaml;
}

/** What stands before everything is started: whether the server can be reached and trusted, with which credentials. */
export interface PreparedTap extends TapSettings {
  readonly target: TapTarget;
  readonly credentials: PluginCredentials | undefined;
  readonly alpn: readonly string[];
  /** Of the wire between kubectl and the proxy. */
  readonly own: OwnCredentials;
}

export interface OwnCredentials {
  /** PEM. */
  readonly authority: string;
  readonly server: Identity;
  readonly client: Identity;
}
