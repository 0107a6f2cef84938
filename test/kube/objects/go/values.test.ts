/** Values as Go's %#v prints them. */
import test from 'ava';
import { invalid } from '../../../../src/kube/objects/field-error.ts';
import { goLabelSelector, goStringMap, goStruct, nilBytes } from '../../../../src/kube/objects/go/values.ts';

test('maps, selectors and structs are printed with the types of kube-apiserver', (t) => {
  t.is(goStringMap({ b: 'x"y', a: '' }).text, 'map[string]string{"a":"", "b":"x\\"y"}');
  t.is(goStringMap(undefined).text, 'map[string]string(nil)');
  t.is(
    goLabelSelector({ matchLabels: { app: 'web' } }).text,
    'v1.LabelSelector{MatchLabels:map[string]string{"app":"web"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}',
  );
  t.is(
    goLabelSelector({
      matchExpressions: [
        { key: 'app', operator: 'In', values: ['a', 'b'] },
        { key: 'tier', operator: 'Exists' },
      ],
    }).text,
    'v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement{v1.LabelSelectorRequirement{Key:"app", Operator:"In", Values:[]string{"a", "b"}}, v1.LabelSelectorRequirement{Key:"tier", Operator:"Exists", Values:[]string(nil)}}}',
  );
  t.is(
    invalid('roleRef', goStruct('rbac.RoleRef', [['Name', 'edit']]), 'cannot change roleRef').message,
    'Invalid value: rbac.RoleRef{Name:"edit"}: cannot change roleRef',
  );
  t.is(invalid('spec.request', nilBytes, 'no').message, 'Invalid value: []byte(nil): no');
});
