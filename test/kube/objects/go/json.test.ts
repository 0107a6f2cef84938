/** Go's words for what is no JSON (encoding/json, scanner.go). */
import test from 'ava';
import { goJsonFault } from '../../../../src/kube/objects/go/json.ts';
import { parseJson } from '../../../../src/kube/objects/json.ts';

const faults = {
  '': 'unexpected end of JSON input',
  '{"data"': 'unexpected end of JSON input',
  '{"data":': 'unexpected end of JSON input',
  '[1, ': 'unexpected end of JSON input',
  '"a': 'unexpected end of JSON input',
  '-': 'unexpected end of JSON input',
  x: "invalid character 'x' looking for beginning of value",
  '[1,]': "invalid character ']' looking for beginning of value",
  '{data: 1}': "invalid character 'd' looking for beginning of object key string",
  '{"a": 1,}': "invalid character '}' looking for beginning of object key string",
  '{"a" 1}': "invalid character '1' after object key",
  '{"a": 1 "b"}': `invalid character '"' after object key:value pair`,
  '[1 2]': "invalid character '2' after array element",
  '{} {}': "invalid character '{' after top-level value",
  '1 x': "invalid character 'x' after top-level value",
  "{'a': 1}": "invalid character '\\'' looking for beginning of object key string",
  trux: "invalid character 'x' in literal true (expecting 'e')",
  nul0: "invalid character '0' in literal null (expecting 'l')",
  '"\\x"': "invalid character 'x' in string escape code",
  '"\\u00zz"': "invalid character 'z' in \\u hexadecimal character escape",
  '"a\nb"': "invalid character '\\n' in string literal",
  '-a': "invalid character 'a' in numeric literal",
  '1.e': "invalid character 'e' after decimal point in numeric literal",
  '1ex': "invalid character 'x' in exponent of numeric literal",
  '01': "invalid character '1' after top-level value",
  한: "invalid character 'í' looking for beginning of value",
};

test('what is no JSON is refused in the words of Go, and by Node as well', (t) => {
  for (const [text, fault] of Object.entries(faults)) {
    t.is(goJsonFault(text), fault, text);
    t.throws(() => parseJson(text), { message: fault }, text);
  }
});

test('JSON has no fault, and as deep as it is long it takes no stack', (t) => {
  for (const text of ['{}', ' [1, -0.5e+3, "\\u00e9\\n", true, null, {"a": [[]]}]\n', '0', '"한"'])
    t.is(goJsonFault(text), undefined, text);
  t.is(goJsonFault('['.repeat(200_000)), 'unexpected end of JSON input');
});
