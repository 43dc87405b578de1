"""The custom actions of the flows, as rasa-sdk classes: the same here and under `python -m rasa_sdk`."""
