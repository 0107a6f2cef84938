/**
 * The step `disk`: somebody reads the files of an etcd and searches them for secrets in clear. Schema and planning, and the
 * expectation `onDisk`; `run.ts` runs it.
 */
import type { z } from 'zod';
import { safeText } from '../../../i18n/safe.ts';
import { grouped } from '../../../i18n/number.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Z } from '../../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../../engine/feature.ts';
import type { Judgement } from '../../../engine/kinds.ts';
import type { PlannedStep } from '../../../engine/plan.ts';
import type { Problem, StepPlace } from '../../../engine/problems.ts';
import type { View } from '../../../engine/view.ts';
import type { DiskSearch } from './observations.ts';

export function diskSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('Who reads them.'),
    server: zod.string().describe('A server of the kind etcd.'),
    secrets: zod.array(zod.string()).min(1).describe('The secrets to search for, as they are.'),
    keys: zod
      .array(zod.string().regex(/^\//))
      .min(1)
      .describe('Keys of etcd to search for: where they are, their values are.'),
  });
}

export type PlannedDisk = z.infer<ReturnType<typeof diskSchema>>;

export const disk = {
  reports: 'disk',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedDisk): StepPart<PlannedDisk>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedDisk, PlannedDisk>;

export function diskProblems({ server }: PlannedDisk, { file, path }: StepPlace): Problem[] {
  return file.servers[server]?.kind === 'etcd'
    ? []
    : [
        {
          path: [...path, 'server'],
          what: { en: `${server} is no etcd`, ko: `${server}: etcd가 아닙니다` },
          received: server,
        },
      ];
}

export function onDiskSchema(zod: Z) {
  return zod.strictObject({
    secret: zod.string().describe('One of those that the step searches for.'),
    under: zod.string().regex(/^\//).describe('The key in etcd whose value holds it.'),
    found: zod.boolean().describe('Whether it is in the files in clear.'),
  });
}

type OnDisk = z.infer<ReturnType<typeof onDiskSchema>>;

/** `member/wal/0.wal at 0x01d4` */
export function placeWords({ places }: DiskSearch): string {
  const [first, ...others] = places;
  if (!first) return '';
  const more = others.length > 0 ? `, +${others.length}` : '';
  return `${safeText(first.file)} 0x${first.offset.toString(16).padStart(4, '0')}${more}`;
}

export const onDisk = {
  claims: (facts: OnDisk) => [{ suffix: facts.secret, facts }],
  /** Not found counts only where the key is: then the value was on the disk, in another form. */
  judge({ secret, under: key, found }: OnDisk, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('onDisk is about a step');
    const [report] = view.reports('disk', step.client, step.id);
    const searched = report?.result.searched ?? [];
    const [own, holder] = [secret, key].map((what) => searched.find((one) => one.what === what));
    const unobserved = (says: Localized): Judgement => ({
      status: 'unobserved',
      evidence: report ? [{ event: report.seq }] : [],
      says,
    });
    if (!report || !own)
      return unobserved({
        en: `the disk was not searched for ${secret}`,
        ko: `디스크에서 ${secret} 값을 찾지 않았습니다`,
      });
    if (!holder || holder.places.length === 0)
      return unobserved({
        en: `${key} is not on the disk, so nothing is proven`,
        ko: `디스크에 ${key} 키가 없어 아무것도 증명되지 않습니다`,
      });
    const { bytes, files } = report.result;
    const size = grouped(bytes);
    const where = placeWords(own);
    return {
      status: own.places.length > 0 === found ? 'met' : 'missed',
      evidence: [{ event: report.seq }],
      says:
        own.places.length > 0
          ? {
              en: `${secret} is on the disk in clear: ${where}`,
              ko: `디스크에 ${secret} 값이 그대로 있습니다: ${where}`,
            }
          : {
              en: `${secret} is nowhere in ${files} files of ${size} bytes; ${key} is, at ${placeWords(holder)}`,
              ko: `파일 ${files}개, ${size}바이트 어디에도 ${secret} 값이 없습니다. ${key} 키는 있습니다: ${placeWords(holder)}`,
            },
    };
  },
} as const;
