/** What all kinds of running labs share: options, events, and waiting for the end. */
import type { WebhookReport } from '../../kube/admission/webhooks.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import type { Localized } from '../../i18n/language.ts';
import type { UserError, UserErrorFacts } from '../../i18n/user-error.ts';
import type { Address } from '../../capture/event.ts';
import type { CaptureLog } from '../../capture/log.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { AutoChecked } from '../checks/auto-check.ts';
import type { CheckOptions, TaskResult } from '../checks/checking.ts';
import type { SeenLogin } from '../folder.ts';
import type { HeldNews } from './held-client.ts';
import type { ClientNews } from './rotation-clients.ts';
import type { ProcessName } from './static-pod.ts';

/** What has become of the reports to a class, whoever sends them. */
export interface ClassNews {
  /** `joined`: from now on; `away`: the class does not answer; `back`: it has the newest state again. */
  readonly state: 'joined' | 'away' | 'back' | 'refused';
  /** `127.0.0.1:8450` */
  readonly server: string;
  /** The name in the learner's certificate. */
  readonly learner: string;
  readonly why?: Localized;
}

/** The events of a running lab. */
export type LabEvent =
  | {
      readonly kind: 'open';
      readonly tasks: readonly string[];
      readonly ways: readonly ManualCommand[];
      /** Of what else is open. */
      readonly others?: readonly ManualCommand[];
      /** Another such event came with it before, and another one comes. */
      readonly follows?: true;
      readonly goesOn?: true;
    }
  | {
      readonly kind: 'shut';
      readonly tasks: readonly string[];
      readonly mistake: UserError;
      /** What was open goes on as it was. */
      readonly goesOn?: true;
    }
  | { readonly kind: 'captured'; readonly file: string }
  /** A wire that can be listened to, at this address. */
  | { readonly kind: 'live'; readonly wire: string; readonly url: string }
  | { readonly kind: 'login'; readonly login: SeenLogin }
  /** The change is in force from the next handshake on; open connections go on. */
  | { readonly kind: 'renewed'; readonly tasks: readonly string[] }
  /** What has become of the client that the lab keeps connected. */
  | { readonly kind: 'held'; readonly news: HeldNews }
  /** A connection of that client, by the address that it comes from. */
  | { readonly kind: 'held-connection'; readonly client: string; readonly from: Address }
  /** An impostor of the lab received a login. */
  | { readonly kind: 'taken'; readonly server: string; readonly user: string; readonly password: string }
  /** Files of the folder that the servers use. */
  | { readonly kind: 'changed'; readonly files: readonly string[] }
  /** A wire that can no longer be recorded in the folder. */
  | { readonly kind: 'unrecorded'; readonly file: string; readonly mistake: UserErrorFacts }
  /** What was found of tasks at the start. */
  | { readonly kind: 'found'; readonly results: readonly TaskResult[] }
  /** What a change of the folder has changed of the tasks. */
  | ({ readonly kind: 'checked' } & AutoChecked)
  /** The folder was reset, and so is the cluster. */
  | { readonly kind: 'reset' }
  /** The API server runs. `moved`: at another port than before. */
  | {
      readonly kind: 'cluster';
      readonly url: string;
      readonly kubeconfig: string;
      readonly curl: string;
      readonly isNew: boolean;
      readonly moved: boolean;
    }
  | { readonly kind: 'asked'; readonly asked: ApiRequest }
  /** Processes of a control plane, which run while their manifests exist. */
  | {
      readonly kind: 'control-plane';
      readonly url: string;
      readonly kubeconfig: string;
      readonly isNew: boolean;
      readonly moved: boolean;
    }
  | { readonly kind: 'process'; readonly process: ProcessName; readonly state: 'started' | 'ended' }
  | {
      readonly kind: 'process';
      readonly process: ProcessName;
      readonly state: 'failed';
      readonly mistake: UserErrorFacts;
    }
  /** A message that its log repeats. */
  | {
      readonly kind: 'process';
      readonly process: ProcessName;
      readonly state: 'cut_off';
      readonly words: string;
    }
  /** The learner has opted in to a class. */
  | { readonly kind: 'class'; readonly news: ClassNews }
  | { readonly kind: 'signed'; readonly request: string; readonly failed?: string }
  /** What has become of a client that uses the API server all the time. */
  | { readonly kind: 'client'; readonly news: ClientNews }
  /** The API server has called an admission webhook, or has tried to. */
  | ({ readonly kind: 'webhook' } & WebhookReport)
  /** A webhook of the lab, with what it was started with or cannot be. */
  | { readonly kind: 'webhook-server'; readonly server: string; readonly state: 'started' }
  | {
      readonly kind: 'webhook-server';
      readonly server: string;
      readonly state: 'failed';
      readonly mistake: UserErrorFacts;
    };

export interface HoldOptions extends CheckOptions {
  readonly onEvent: (event: LabEvent) => void;
  /** Where what passes on the wires of the learner is logged; checks have wires of their own. Without it nobody looks. */
  readonly log?: CaptureLog;
  /** Called with the address from which the client that the lab keeps connected goes on asking. */
  readonly onHeldConnection?: (from: Address) => void;
  /** Whether the current task is checked at the start and after each event, so that its finding is always known. */
  readonly follows?: boolean;
  readonly signal: AbortSignal;
}

/** Resolves when the signal is aborted. */
export async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
