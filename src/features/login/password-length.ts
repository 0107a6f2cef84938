/**
 * `passwordLength`: an eavesdropper without keys computes the password's length from record sizes, knowing all of the login
 * but the password: the program, the site, the user. Met only if the result is one number, the true one, and the password
 * was in the measured record (the keys show it).
 */
import type { z } from 'zod';
import { loginLengths, sentLength } from '../../peers/client/login-request.ts';
import { grouped } from '../../i18n/number.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judgement } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { loginOf } from './step.ts';
import { readingOf } from '../../evidence/records.ts';
import type { View } from '../../engine/view.ts';

export function passwordLengthSchema(zod: Z) {
  return zod.strictObject({
    wires: zod.array(zod.string()).min(1).describe('The wires on which sizes are measured.'),
  });
}

export interface PasswordOnWire {
  readonly wire: string;
}

export const passwordLength = {
  claims({ wires }: z.infer<ReturnType<typeof passwordLengthSchema>>) {
    return wires.map((wire): { suffix: string; facts: PasswordOnWire } => ({
      suffix: wire,
      facts: { wire },
    }));
  },
  judge({ wire }: PasswordOnWire, view: View, step: PlannedStep | undefined): Judgement {
    if (!step) throw new Error('passwordLength is about a step');
    const { plan } = view;
    const [connection] = view.connectionsOn(wire, step.id);
    const reading = connection && readingOf(view, connection);
    const account = plan.accounts.find(({ name }) => name === loginOf(step).account);
    const target = [...plan.proxies, ...plan.servers].find(({ name }) => name === loginOf(step).to);
    const port = connection?.opened?.to.port;
    if (!reading || !account || !target || port === undefined) {
      return {
        status: 'unobserved',
        evidence: [],
        says: {
          en: `no login was captured on wire ${wire}`,
          ko: `구간 ${wire}에서 로그인이 관찰되지 않았습니다`,
        },
      };
    }
    const { user: username, password, rrn } = account;
    const { rows = [], password: reckoned } =
      reading.visible(loginLengths(`${target.host}:${port}`, { username, rrn })) ?? {};
    const evidence = rows.find(({ what }) => what === 'password')?.evidence ?? [];
    const sent = Buffer.from(reading.application('client')?.bytes ?? []);
    const encoded = new URLSearchParams([['password', password]]).toString();
    if (!reckoned || !sent.includes(encoded)) {
      return {
        status: 'unobserved',
        evidence,
        says: {
          en: `no password of the known form was measured on wire ${wire}`,
          ko: `구간 ${wire}에서 알려진 폼의 비밀번호를 재지 못했습니다`,
        },
      };
    }
    const truth = sentLength(password);
    const { least, most } = reckoned;
    const range = least === most ? grouped(most) : `${grouped(least)}-${grouped(most)}`;
    return {
      status: least === truth && most === truth ? 'met' : 'missed',
      evidence,
      says: {
        en: `from the sizes on wire ${wire} alone the password has ${range} characters; it has ${truth}`,
        ko: `구간 ${wire}의 크기만으로 구한 비밀번호 길이: ${range}자, 실제 길이: ${truth}자`,
      },
    };
  },
} as const;
