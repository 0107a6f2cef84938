/** The lines of the toy protocol, which shows with a few words what TLS does. */
import { word } from './term.ts';
import type { Term } from './term.ts';

export const toyTerms: readonly Term[] = [
  {
    id: 'toy.protocol',
    found: /[─-]{1,2}(toy)[─-]{1,2}\[/d,
    meaning: {
      en: 'a protocol made for this demonstration: one line for each message, so that it can be read',
      ko: '이 시연을 위해 만든 장난감 프로토콜입니다. 읽을 수 있도록 메시지마다 한 줄입니다.',
    },
  },
  {
    id: 'toy.key',
    found: /(?<![\w-])(KEY)(?= aes-|\)|,)/d,
    meaning: {
      en: 'the client sends the key itself: the algorithm, then the key in hexadecimal, readable',
      ko: '클라이언트가 키를 그대로 보내는 줄입니다. 알고리즘 다음이 16진수로 적은 키이며, 읽힙니다.',
    },
  },
  {
    id: 'toy.ciphertext',
    found: /(?<![\w-])(CIPHERTEXT)(?= [0-9a-f]{8}|\)|,)/d,
    meaning: {
      en: 'an encrypted message: a number used once (nonce), the ciphertext, and a checksum (tag), in hexadecimal',
      ko: '암호화한 메시지입니다. 한 번만 쓰는 수(nonce), 암호문, 확인용 값(tag)이 16진수로 이어집니다.',
    },
  },
  {
    id: 'toy.padlock-wanted',
    found: /(?<![\w-])(PADLOCK\?)/d,
    meaning: {
      en: 'the client asks for the server’s public key',
      ko: '클라이언트가 서버의 공개 키를 요청합니다.',
    },
  },
  {
    id: 'toy.padlock',
    found: /(?<![\w-])(PADLOCK)(?![\w?-])/d,
    meaning: { en: 'the server’s public key', ko: '서버의 공개 키입니다.' },
  },
  {
    id: 'toy.locked',
    found: word('LOCKED'),
    meaning: {
      en: 'the password, encrypted with the public key: the user, the padding, then the ciphertext in base64',
      ko: '공개 키로 암호화한 비밀번호입니다. 사용자, 패딩, base64로 적은 암호문의 순서입니다.',
    },
  },
  {
    id: 'toy.unpadded',
    found: /(?<![\w-])rsa-unpadded(?![\w-])/d,
    meaning: {
      en: 'RSA on the password alone: the same password always gives the same ciphertext',
      ko: '비밀번호만 RSA로 암호화한 것입니다. 같은 비밀번호는 늘 같은 암호문이 됩니다.',
    },
  },
  {
    id: 'toy.oaep',
    found: /(?<![\w-])rsa-oaep-sha256(?![\w-])/d,
    meaning: {
      en: 'RSA with random padding: the same password gives another ciphertext each time',
      ko: '무작위 값을 섞은 RSA입니다. 같은 비밀번호도 매번 다른 암호문이 됩니다.',
    },
  },
  {
    id: 'toy.gcm',
    found: /(?<![\w-])aes-128-gcm(?![\w-])/d,
    meaning: {
      en: 'encryption with one key of 128 bits for both sides, which also detects changes',
      ko: '양쪽이 128비트 키 하나를 함께 쓰는 암호입니다. 내용이 바뀌면 알아챕니다.',
    },
  },
  {
    id: 'toy.answer',
    found: word('WELCOME|DENIED'),
    meaning: {
      en: 'the toy server’s answer: the login was accepted, or was not',
      ko: '장난감 서버의 응답입니다. 로그인 성공(WELCOME) 또는 거부(DENIED)입니다.',
    },
  },
];
