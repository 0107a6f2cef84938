/**
 * The plain types of a lab: its source files, its compiled form, the reasons for open tasks. Counterparts: schema.ts,
 * compile.ts, check.ts.
 */
import type { Dictionary } from '../core/dictionary.ts';
import type { z } from 'zod';
import type { Language, Localized } from '../i18n/language.ts';
import type { Recipe } from '../pki/ca/recipe.ts';
import type { TasksSchema } from './schema.ts';

/** The contents of tasks.yaml, after validation. */
export type TasksFile = z.infer<TasksSchema>;
export type TaskFile = TasksFile['tasks'][number];

/** One language's text of a task. */
export interface TaskNarration {
  readonly title: string;
  /** What is to be done. */
  readonly text: string;
  /** Each is more specific than the previous one; the last is nearly the solution. */
  readonly hints: readonly string[];
  /** What the task shows, printed when it is done. */
  readonly done: string;
}

export interface LabNarration {
  readonly title: string;
  readonly intro: string;
  readonly tasks: Dictionary<TaskNarration>;
  /** The conclusion of the lab. */
  readonly end: string;
}

/** Everything that a lab needs, as JSON. */
export interface CompiledLab {
  readonly v: 1;
  readonly name: string;
  /** The lab's part of the scenario, YAML: clients, steps, expectations. The learner's settings precede it. */
  readonly scenario: string;
  readonly tasks: TasksFile;
  /** The initial files of the learner's folder, by name. */
  readonly start: Dictionary<string>;
  /** Those that differ in a language, such as in their comments. */
  readonly startIn?: Partial<Readonly<Record<Language, Dictionary<string>>>>;
  readonly narration: Readonly<Record<Language, LabNarration>>;
  /** Languages without a text of their own: they show another one's. */
  readonly untranslated?: readonly Language[];
  readonly certificates?: { readonly name: string; readonly recipe: Recipe };
}

/** The learner's file with a part of the scenario. */
export const settingsFile = 'settings.yaml';

/** Why a task is not done: a fixed list, for programs. */
export const openReasons = {
  missing_file: { en: 'a file is missing', ko: '파일이 없습니다' },
  unreadable_file: { en: 'a file cannot be used', ko: '파일을 사용할 수 없습니다' },
  key_mismatch: { en: 'certificate and key do not belong together', ko: '인증서와 키가 서로 맞지 않습니다' },
  bad_settings: { en: 'the settings cannot be used', ko: '설정을 사용할 수 없습니다' },
  refused: { en: 'a peer was refused that should be admitted', ko: '허용되어야 할 쪽이 거부되었습니다' },
  admitted: { en: 'a peer was admitted that should be refused', ko: '거부되어야 할 쪽이 허용되었습니다' },
  given_away: { en: 'a fake site was given the login', ko: '가짜 사이트에 로그인 정보를 넘겼습니다' },
  readable: { en: 'a secret can be read on the wire', ko: '구간에서 비밀을 읽을 수 있습니다' },
  opened: {
    en: 'a recording can be decrypted with stolen keys',
    ko: '훔친 키로 기록을 복호화할 수 있습니다',
  },
  no_login: { en: 'there was no login yet', ko: '아직 아무도 로그인하지 않았습니다' },
  wrong_login: { en: 'the login was denied', ko: '로그인이 거절되었습니다' },
  not_up: { en: 'this cannot be checked now', ko: '지금은 확인할 수 없습니다' },
  no_api_server: { en: 'the API server is not running', ko: 'API 서버가 실행되고 있지 않습니다' },
  pending: { en: 'a request is waiting for approval', ko: '승인을 기다리는 요청이 있습니다' },
  not_issued: {
    en: 'no certificate was issued for a request',
    ko: '요청에 대한 인증서가 발급되지 않았습니다',
  },
  not_requested: {
    en: 'the certificate was not issued through the Certificates API',
    ko: 'Certificates API를 거치지 않은 인증서입니다',
  },
  wrong_user: { en: 'the certificate identifies another user', ko: '인증서가 가리키는 사용자가 다릅니다' },
  too_little: { en: 'a required permission is missing', ko: '필요한 권한이 없습니다' },
  too_much: { en: 'there are more permissions than required', ko: '요구한 것보다 권한이 많습니다' },
  unverified: { en: 'the peer is not verified', ko: '상대가 검증되지 않았습니다' },
  not_restarted: {
    en: 'a process has not read its file yet',
    ko: '프로세스가 아직 새 파일을 읽지 않았습니다',
  },
  not_met: { en: 'a requirement is not met yet', ko: '아직 요구한 대로 되지 않았습니다' },
} as const satisfies Record<string, Localized>;

export type OpenReason = keyof typeof openReasons;

/** Nobody was there to be asked: nothing is known of the task. */
export const isUnasked = (reason: OpenReason | undefined): boolean =>
  reason === 'not_up' || reason === 'no_api_server';

/** What was done stays done meanwhile: settings with a mistake say nothing of the task, and what runs goes on. */
export const keepsDone = (reason: OpenReason | undefined): boolean =>
  isUnasked(reason) || reason === 'bad_settings';
