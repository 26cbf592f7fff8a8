package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// pair is one key of a map with its value.
type pair struct {
	key   string
	line  int
	value *yaml.Node
}

// pairs returns what a map holds, in order. A key given twice is an error; two keys are one if same makes the same of them, as flagName
// does of dashes and underscores.
// Merged maps ("<<: *defaults" or "<<: [*some, *others]") come last, without the keys that the map or one before sets;
// depth counts how many maps this one is inside of, by nesting or by merging.
func (r *reader) pairs(node *yaml.Node, same func(string) string, depth int) ([]pair, error) {
	if depth > maxDepth {
		return nil, &Error{Path: r.path, Line: node.Line, Problem: "maps are merged too deeply", Advice: "write the settings out"}
	}
	var pairs []pair
	var merged []*yaml.Node
	seen := make(map[string]pair)
	for i := 0; i+1 < len(node.Content); i += 2 {
		k, v := target(node.Content[i]), node.Content[i+1]
		if err := r.count(k); err != nil {
			return nil, err
		}
		if k.Kind != yaml.ScalarNode || isNull(k) || k.Value == "" {
			return nil, &Error{Path: r.path, Line: node.Content[i].Line, Problem: "a key is empty or not a word",
				Advice: "write the name of a setting before the colon"}
		}
		if k.ShortTag() == "!!merge" {
			merged = append(merged, mergedBy(v)...)
			continue
		}
		p := pair{key: k.Value, line: node.Content[i].Line, value: v}
		if first, ok := seen[same(p.key)]; ok {
			advice := "keep one of the two"
			if target(first.value).Kind == yaml.MappingNode && target(v).Kind == yaml.MappingNode {
				advice = "write the settings of both below one of them"
			}
			return nil, &Error{Path: r.path, Line: p.line, Key: show(p.key), Problem: fmt.Sprintf("is already set on line %d", first.line), Advice: advice}
		}
		seen[same(p.key)] = p
		pairs = append(pairs, p)
	}
	for _, m := range merged {
		if err := r.count(m); err != nil {
			return nil, err
		}
		if target(m).Kind != yaml.MappingNode {
			return nil, &Error{Path: r.path, Line: m.Line, Key: "<<", Problem: "does not refer to a map",
				Advice: "write <<: *name, where &name marks a map, or <<: [*one, *other]"}
		}
		more, err := r.pairs(target(m), same, depth+1)
		if err != nil {
			return nil, err
		}
		for _, p := range more {
			if _, ok := seen[same(p.key)]; !ok {
				seen[same(p.key)] = p
				pairs = append(pairs, p)
			}
		}
	}
	return pairs, nil
}

// mergedBy are what a merge key refers to: one map, or a list of some, of which an earlier one counts more than a later.
func mergedBy(node *yaml.Node) []*yaml.Node {
	if list := target(node); list.Kind == yaml.SequenceNode {
		return list.Content
	}
	return []*yaml.Node{node}
}
